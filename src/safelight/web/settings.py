"""Settings of the Django project. What operators set comes from `safelight.settings`; the rest is fixed here."""

from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from safelight import __version__
from safelight.app.secrets import signing_secret
from safelight.web.container import the_app

_app = the_app()
_service = _app.settings.service
_secure = _service.url.startswith("https://")
_here = Path(__file__).parent

VERSION = __version__
SECRET_KEY = signing_secret(_app.settings)
DEBUG = False
ALLOWED_HOSTS = list(_service.hosts)
CSRF_TRUSTED_ORIGINS = [_service.url]
ROOT_URLCONF = "safelight.web.urls"
ASGI_APPLICATION = "safelight.web.asgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
USE_TZ = True
TIME_ZONE = "UTC"
LANGUAGE_CODE = "en"
USE_I18N = False
APPEND_SLASH = False

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "allauth.usersessions",
    "django_htmx",
    "django_tasks",
    "django_tasks_db",
    "safelight.adapter.store",
    "safelight.adapter.casework",
    "safelight.adapter.evidence",
    "safelight.adapter.closing",
    "safelight.web.accounts",
    "safelight.web.api",
    "safelight.web.hooks",
    "safelight.web.console",
    "safelight.web.closing",
    "safelight.web.jobs",
]

MIDDLEWARE = [
    "safelight.web.ops.middleware.RequestIdMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "safelight.web.accounts.session_store.CookieMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "safelight.web.ops.middleware.ErrorsMiddleware",
    "allauth.account.middleware.AccountMiddleware",  # raises to ask for the second factor; it catches that itself
    "django_htmx.middleware.HtmxMiddleware",
    "safelight.web.accounts.middleware.PrincipalMiddleware",
    "safelight.web.ops.middleware.HeadersMiddleware",
]

TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [_here / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "safelight.web.console.context.console",
            ],
        },
    },
]

DATABASES = {"default": _app.database}

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.ScryptPasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}", **options}
    for name, options in (
        ("UserAttributeSimilarityValidator", {}),
        ("MinimumLengthValidator", {"OPTIONS": {"min_length": 12}}),
        ("CommonPasswordValidator", {}),
    )
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"

ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*", "password2*"]  # nobody signs up, but allauth checks them
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_ADAPTER = "safelight.web.accounts.adapters.AccountAdapter"
SOCIALACCOUNT_ADAPTER = "safelight.web.accounts.adapters.SocialAdapter"
ACCOUNT_REAUTHENTICATION_TIMEOUT = 300
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_LOGOUT_ON_GET = False
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_TOTP_ISSUER = "Safelight"
MFA_ADAPTER = "safelight.web.accounts.adapters.SecondFactorAdapter"
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = False
MFA_PASSKEY_LOGIN_ENABLED = False  # a key is the second factor, beside a password
MFA_TRUST_ENABLED = False
USERSESSIONS_TRACK_ACTIVITY = True  # shown in the list; PrincipalMiddleware notes it once a minute
ALLAUTH_TRUSTED_PROXY_COUNT = _service.proxies
ACCOUNT_RATE_LIMITS = {"login": "30/m/ip", "login_failed": "10/m/ip,5/5m/key", "reauthenticate": "10/m/user"}
SOCIALACCOUNT_LOGIN_ON_GET = True  # a form's redirect to the provider would be stopped by `form-action 'self'`
SOCIALACCOUNT_AUTO_SIGNUP = False
SOCIALACCOUNT_STORE_TOKENS = False
# Throttling, and which one-time codes were used, are shared by all processes through a table of the database.
CACHES = {"default": {"BACKEND": "safelight.web.accounts.cache.JsonDatabaseCache", "LOCATION": "default"}}
SOCIALACCOUNT_PROVIDERS: dict[str, Any] = (
    {
        "openid_connect": {
            "OAUTH_PKCE_ENABLED": True,
            "APPS": [
                {
                    "provider_id": "oidc",
                    "name": urlsplit(_service.oidc_issuer).hostname or "OpenID Connect",
                    "client_id": _service.oidc_client,
                    "secret": _service.oidc_secret,
                    "settings": {"server_url": _service.oidc_issuer},
                }
            ],
        }
    }
    if _service.oidc_issuer
    else {}
)

SESSION_ENGINE = "safelight.web.accounts.session_store"
SESSION_COOKIE_AGE = int(timedelta(hours=8).total_seconds())
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
SESSION_COOKIE_SECURE = _secure
SESSION_COOKIE_NAME = "__Host-session" if _secure else "sessionid"  # no neighbouring host can set such a name
SESSION_COOKIE_SAMESITE = "Lax"
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"  # messages name findings: no cookies
CSRF_COOKIE_SECURE = _secure
CSRF_COOKIE_NAME = "__Host-csrf" if _secure else "csrftoken"
CSRF_COOKIE_HTTPONLY = True
SECURE_SSL_REDIRECT = False  # the proxy in front does it; health checks come without TLS
SECURE_HSTS_SECONDS = int(timedelta(days=365).total_seconds()) if _secure else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = False
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if _service.proxies else None
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

STATIC_URL = "static/"
STATICFILES_DIRS = [_here / "static"]
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = False

# Bodies are in anonymous memory (web/asgi.py), and uploads in forms too: no plain media in temporary files.
DATA_UPLOAD_MAX_MEMORY_SIZE = _service.max_upload
FILE_UPLOAD_MAX_MEMORY_SIZE = _service.max_upload
FILE_UPLOAD_HANDLERS = ["django.core.files.uploadhandler.MemoryFileUploadHandler"]

TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}

LOGGING_CONFIG = None  # set up by web/ops/logs.py
