"""Countries: their codes, the language that people there are written to, and whether the Digital Services Act holds."""

_NAMES = {
    "argentina": "AR",
    "australia": "AU",
    "austria": "AT",
    "belgium": "BE",
    "brazil": "BR",
    "canada": "CA",
    "chile": "CL",
    "china": "CN",
    "czech republic": "CZ",
    "denmark": "DK",
    "deutschland": "DE",
    "españa": "ES",
    "finland": "FI",
    "france": "FR",
    "germany": "DE",
    "great britain": "GB",
    "iceland": "IS",
    "india": "IN",
    "ireland": "IE",
    "italy": "IT",
    "japan": "JP",
    "korea, republic of": "KR",
    "luxembourg": "LU",
    "malaysia": "MY",
    "mexico": "MX",
    "netherlands": "NL",
    "new zealand": "NZ",
    "norway": "NO",
    "poland": "PL",
    "portugal": "PT",
    "republic of korea": "KR",
    "singapore": "SG",
    "south korea": "KR",
    "spain": "ES",
    "sweden": "SE",
    "switzerland": "CH",
    "the netherlands": "NL",
    "uk": "GB",
    "united kingdom": "GB",
    "united states": "US",
    "united states of america": "US",
    "usa": "US",
}
"""Names that records give in place of codes."""

_LANGUAGES = {
    "fr": "FR MC LU SN CI ML BF BJ TG GA CG NE GN",
    "es": "ES AR BO CL CO CR CU DO EC GT HN MX NI PA PE PY SV UY VE",
    "de": "DE AT LI CH",
    "ko": "KR",
    "ja": "JP",
}
LANGUAGES = ("en", *_LANGUAGES)
"""Languages that notices are written in (ISO 639-1)."""
_LANGUAGE_OF = {country: language for language, countries in _LANGUAGES.items() for country in countries.split()}

_UNION = "AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK"
EUROPEAN_UNION = frozenset(_UNION.split())
"""Member states, where Regulation (EU) 2022/2065 holds."""
_OF_ONE_COUNTRY = {"ar", "at", "cl", "de", "es", "fr", "jp", "kr", "mx", "pe"}
"""Top-level domains that hardly anybody abroad uses; `.co`, `.io` and their like say nothing of a country."""


def country_code(text: str) -> str:
    """The code of a country (ISO 3166-1 alpha-2) from a code or an English name; empty when it is not known."""
    if len(text) == 2 and text.isascii() and text.isalpha() and text.upper() != "UK":
        return text.upper()
    return _NAMES.get(text.lower(), "")


def language_of_country(country: str) -> str:
    """The language that people there are written to; English where we write none of theirs, or there are several."""
    return _LANGUAGE_OF.get(country, "en")


def countries_of_language(language: str) -> tuple[str, ...]:
    """The countries that are written to in a language other than English, by code."""
    return tuple(_LANGUAGES.get(language, "").split())


def country_of_name(host: str) -> str:
    """The country that a host name tells of by its last label; empty for most."""
    last = host.rpartition(".")[2]
    return last.upper() if last in _OF_ONE_COUNTRY else ""
