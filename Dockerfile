# syntax=docker/dockerfile:1
# The service in one image: web processes, workers, and every other command. See docs/service.md.
#
# Bases are pinned by digest; `docker buildx imagetools inspect NAME` tells the one of today.
FROM python:3.13.14-slim-bookworm@sha256:67a1e1f215ccda113cfc024e8639049257e88f273898f595b61476d128d387e8 AS build

ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
RUN python -m venv /opt/safelight
WORKDIR /build
# Everything that is installed has the digest that the lock says; nothing is compiled from source here.
COPY requirements/service.txt requirements/
RUN /opt/safelight/bin/pip install --require-hashes --only-binary :all: -r requirements/service.txt
COPY pyproject.toml README.md LICENSE NOTICE ./
COPY src src
RUN /opt/safelight/bin/pip install --no-deps --no-build-isolation . \
    && /opt/safelight/bin/pip uninstall --yes pip hatchling \
    && /opt/safelight/bin/python -m compileall -q /opt/safelight/lib

FROM python:3.13.14-slim-bookworm@sha256:67a1e1f215ccda113cfc024e8639049257e88f273898f595b61476d128d387e8

RUN groupadd --gid 10411 safelight \
    && useradd --uid 10411 --gid safelight --home-dir /var/lib/safelight --no-create-home --shell /usr/sbin/nologin safelight \
    && install --directory --owner=safelight --group=safelight --mode=0700 /var/lib/safelight
COPY --from=build /opt/safelight /opt/safelight

# The root file system may be read-only: all that is kept goes to the volume (numba's compiled kernels, too); figures for
# /metrics go to /tmp, media never.
ENV PATH=/opt/safelight/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    NUMBA_CACHE_DIR=/var/lib/safelight/numba \
    SAFELIGHT_HOME=/var/lib/safelight
USER 10411:10411
VOLUME /var/lib/safelight
EXPOSE 8411
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=15s --timeout=5s --start-period=60s --retries=3 \
    CMD ["python", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:8411/healthz', timeout=4)"]
ENTRYPOINT ["safelight"]
CMD ["serve", "--host", "0.0.0.0"]
