"""What all formats made of JSON share: reading it safely."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

from sozialanalyse.formate.form import MEGABYTE, unlesbar

GROESSTES_JSON = 60 * MEGABYTE
"""Its objects need ten times as much memory."""
MEISTE_WERTE = 2_000_000
KOMMONITOR = "sozialanalyse-kommonitor"
"""Key by which a fetch from KomMonitor is known; its value is the version of its form."""


def beginnt(anfang: bytes) -> bool:
    """Whether bytes look like the beginning of a JSON object."""
    return anfang.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"{")


def lies_objekt(pfad: Path) -> dict[str, Any]:
    """The object a file holds.

    Raises
    ------
    PruefFehler
        If it is no valid JSON in UTF-8, too large or nested too deeply.
    """
    size = pfad.stat().st_size
    if size > GROESSTES_JSON:
        raise unlesbar(
            f"Die Datei ist {size // MEGABYTE} MB groß; von JSON werden höchstens {GROESSTES_JSON // MEGABYTE} MB gelesen.",
            "Bitte nur die gebrauchten Merkmale abrufen oder als CSV-Datei liefern lassen.",
        )
    try:
        found = _Leser().decode(pfad.read_bytes().decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise unlesbar("Die Datei ist nicht in UTF-8 geschrieben.", "Bitte neu anfordern.") from None
    except json.JSONDecodeError as error:
        raise unlesbar(
            f"Ab Zeichen {error.colno} ist die Datei kein gültiges JSON; vielleicht ist sie abgeschnitten.",
            "Bitte neu anfordern.",
            zeile=error.lineno,
        ) from None
    except RecursionError:
        raise unlesbar("Die Datei ist zu tief verschachtelt.", "Bitte beim Lieferanten nachfragen.") from None
    if not isinstance(found, dict):
        raise unlesbar("Die Datei enthält kein JSON-Objekt.", "Bitte neu anfordern.")
    return found


class _Leser(json.JSONDecoder):
    """Strict reading: a name stands once in an object, a number is one.

    JSON leaves open which of two entries of one name counts, and knows neither NaN nor Infinity.
    """

    def __init__(self) -> None:
        super().__init__(
            object_pairs_hook=_object, parse_constant=_constant, parse_float=_number, parse_int=_whole
        )


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        seen: set[str] = set()
        twice = next(name for name, _ in pairs if name in seen or seen.add(name))  # type: ignore[func-returns-value]
        others = ", ".join(f"„{name}“" for name in list(found)[:4] if name != twice)
        raise unlesbar(
            f"„{twice}“ steht zweimal in einem Objekt{f' (neben {others})' if others else ''}; welche der beiden Angaben gilt, "
            "sagt die Datei nicht.",
            "Bitte beim Lieferanten klären.",
        )
    return found


def _constant(text: str) -> Any:
    raise unlesbar(
        f"Statt einer Zahl steht „{text}“ in der Datei; in JSON gibt es das nicht.",
        "Bitte neu anfordern; Lücken gehören als null in die Datei.",
    )


def _number(text: str) -> float:
    number = float(text)
    return number if math.isfinite(number) else _constant(text)


def _whole(text: str) -> int:
    return int(text) if len(text) < 400 else _constant(f"{text[:20]}…")
