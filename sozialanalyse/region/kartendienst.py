"""The map service a region may put behind the map to pan: a municipal or federal one, off unless named."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, field_validator

PLATZHALTER = ("{z}", "{x}", "{y}")
_ADRESSE = re.compile(r"(?:https?://[A-Za-z0-9.-]+(?::\d+)?)?/[^\s\"'<>\\;,]*")


class Hintergrundkarte(BaseModel):
    """Tiles of one map service (XYZ, or WMTS in the web mercator scheme), all from one host."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    url: str
    """Address of a tile with {z}, {x} and {y}; one that begins with / is on the pages' own host."""
    quelle: str
    """Credit line the service demands, shown in the map."""
    bis_stufe: int = Field(default=18, ge=1, le=22)
    """Finest level {z} of the service; nearer, its tiles are enlarged."""

    @field_validator("quelle")
    @classmethod
    def _named(cls, value: str) -> str:
        if not value.strip():
            raise ValueError("Der Kartendienst verlangt eine Quellenangabe. Bitte ergänzen.")
        return value.strip()

    @field_validator("url")
    @classmethod
    def _one_host(cls, value: str) -> str:
        asked = re.findall(r"\{[^}]*\}", value)
        if sorted(asked) != sorted(PLATZHALTER):
            raise ValueError(
                f"„{value}“ braucht {{z}}, {{x}} und {{y}} je einmal und keine anderen Platzhalter. Bei WMTS steht "
                "{z} für TileMatrix, {x} für TileCol und {y} für TileRow."
            )
        if not _ADRESSE.fullmatch(value) or value.startswith("//"):
            raise ValueError(
                f"„{value}“ ist keine Adresse von Kacheln. Erwartet wird https://RECHNER/… oder, für Kacheln vom "
                "eigenen Rechner, ein Pfad mit / am Anfang."
            )
        return value

    @property
    def herkunft(self) -> str:
        """Scheme and host the tiles come from; empty for the pages' own host."""
        found = urlsplit(self.url)
        return f"{found.scheme}://{found.netloc}" if found.netloc else ""

    @property
    def rechner(self) -> str:
        """Name of that host, for readers."""
        return urlsplit(self.url).netloc
