"""Where a delivery is fetched from, declared on its dataset page; nobody has to send it then."""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from sozialanalyse.base import YamlSeite


def _target(value: str) -> str:
    if value.startswith("/") or "\\" in value or ".." in value.split("/") or re.search(r"[*?\[\]]", value):
        raise ValueError("„datei“ nennt genau eine Datei unterhalb der Lieferungen, zum Beispiel kommonitor/einwohner.kommonitor.json.")  # fmt: skip
    return value


Ziel = Annotated[str, AfterValidator(_target)]
"""A file below the deliveries."""


class KommonitorAbruf(YamlSeite):
    """Series of some indicators on some levels, as the region's KomMonitor (``kommonitor.yml``) answers."""

    quelle: Literal["kommonitor"]
    datei: Ziel
    ebenen: list[str] = Field(min_length=1)
    """Names of KomMonitor's levels, or their ids where two levels share a name."""
    indikatoren: list[str] = Field(min_length=1)
    """Names of KomMonitor's indicators, or their ids where two share a name."""
    umrisse: bool = False
    """Whether the shapes of the levels are fetched as well, beside the file."""


class PostgisAbruf(YamlSeite):
    """One view of a database, whole; what may be read is decided there, no query stands on a page."""

    quelle: Literal["postgis"]
    datei: Ziel
    sicht: str = Field(pattern=r"^[A-Za-z_][A-Za-z0-9_]{0,62}(\.[A-Za-z_][A-Za-z0-9_]{0,62})?$")
    """Name of the view, with its schema if that is not ``public``."""


class UrlAbruf(YamlSeite):
    """A file behind an address, or the features of a service."""

    quelle: Literal["url"]
    datei: Ziel
    adresse: str = Field(pattern=r"^https?://[^\s@]+$")
    dienst: Literal["datei", "ogc-api", "wfs"] = "datei"
    ebene: str | None = None
    """Collection or feature type of a service."""


Abruf = Annotated[KommonitorAbruf | PostgisAbruf | UrlAbruf, Field(discriminator="quelle")]
