"""How a type is written: its code alone, or with its name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sozialanalyse.base import text

Kennung = Any
"""Id of an area, a municipality, an indicator or a type."""


def typcode(kind: Kennung) -> str:
    """Code of a type; 3.0, as it stands in a series with gaps, is 3."""
    return str(int(kind)) if isinstance(kind, float) and kind.is_integer() else str(kind)


def typname(kind: Kennung, namen: Mapping[Kennung, str] | None) -> str:
    """ "Typ 3: Name", or "Typ 3" where it has none."""
    name = (namen or {}).get(kind)
    code = typcode(kind)
    return text("present.typ.mit_name", typ=code, name=name) if name else text("present.typ.name", typ=code)
