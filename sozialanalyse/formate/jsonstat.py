"""JSON-stat 2.0, the format of statistical offices' interfaces: one row per value, a column per dimension.

Reference: https://json-stat.org/full/
"""

from __future__ import annotations

from collections.abc import Collection
from itertools import product
from math import prod
from pathlib import Path
from typing import Any, Literal

from sozialanalyse.errors import PruefFehler
from sozialanalyse.formate.form import Dateiform, unlesbar
from sozialanalyse.formate.jsontext import KOMMONITOR, MEISTE_WERTE, beginnt, lies_objekt
from sozialanalyse.rohtabelle import Blatt, Stellen

NAME = "json-stat"
BEZEICHNUNG = "JSON-stat-Datei"
ENDUNGEN = (".json", ".jsonstat")

STELLEN = Stellen(zelle="{kopf}[{zeile}]", zeile="value[{zeile}]", spalte="dimension „{kopf}“")


class Form(Dateiform):
    """JSON-stat needs no options."""

    format: Literal["json-stat"] = "json-stat"


def erkennt(anfang: bytes) -> bool:
    """Whether bytes look like an object that is no collection of features and no fetch."""
    return beginnt(anfang) and b"FeatureCollection" not in anfang and KOMMONITOR.encode() not in anfang


def lies(pfad: Path, form: Form, gesucht: Collection[str] = ()) -> list[Blatt]:
    """Read a data set.

    Every dimension becomes two columns, ``geo`` with the codes and ``geo | Bezeichnung`` with the labels; the
    numbers stand in ``value``. Where a number is missing its status stands there as a sign.

    Raises
    ------
    PruefFehler
        If the file is no data set of JSON-stat 2.0 or its parts do not fit each other.
    """
    found = lies_objekt(pfad)
    if found.get("class") != "dataset" or not isinstance(found.get("id"), list):
        raise unlesbar(
            "Die Datei ist kein Datensatz in JSON-stat 2.0 („class: dataset“ mit „id“, „size“, „dimension“ und „value“).",
            "Bitte als JSON-stat 2.0 abrufen.",
        )
    names = [str(name) for name in found["id"]]
    try:
        axes = [_categories(found["dimension"][name]) for name in names]
        sizes = [int(size) for size in found["size"]]
        values = found["value"]
    except (KeyError, TypeError, ValueError):
        raise _contradiction("Angaben zu den Dimensionen fehlen") from None
    count = prod(sizes)
    if [len(axis) for axis in axes] != sizes or not sizes:
        raise _contradiction("„size“ nennt andere Längen als „dimension“")
    if count > MEISTE_WERTE:
        raise unlesbar(
            f"Die Datei hat {count} Werte; gelesen werden höchstens {MEISTE_WERTE}.", "Bitte weniger abrufen."
        )
    if isinstance(values, list) and len(values) != count:
        raise _contradiction(
            f"es sind {len(values)} Werte statt {count}; vielleicht ist die Datei abgeschnitten"
        )
    if isinstance(values, dict) and not all(key.isdigit() and int(key) < count for key in values):
        raise _contradiction("„value“ nennt Stellen, die es nicht gibt")
    if not isinstance(values, list | dict):
        raise _contradiction("„value“ ist keine Liste")
    heading = [text for name in names for text in (name, f"{name} | Bezeichnung")]
    above = [str(found[key]) for key in ("label", "source", "updated") if found.get(key)]
    rows: list[tuple[int, list[Any]]] = [(-1 - len(above) + at, [text]) for at, text in enumerate(above)]
    rows.append((-1, [*heading, "value", "status"]))
    for position, place in enumerate(product(*axes)):
        status = _at(found.get("status"), position)
        value = _at(values, position)
        cells = [text for pair in place for text in pair]
        rows.append((position, [*cells, status if value is None else value, status]))
    return [Blatt("", rows, stellen=STELLEN)]


def _categories(dimension: dict[str, Any]) -> list[tuple[str, str]]:
    """Code and label of each category in its order."""
    category = dimension["category"]
    labels = category.get("label", {})
    index = category.get("index", list(labels))
    codes = sorted(index, key=index.__getitem__) if isinstance(index, dict) else list(index)
    return [(str(code), str(labels.get(code, code))) for code in codes]


def _at(values: Any, position: int) -> Any:
    """Entry of a list or of an object that leaves gaps out; a single text counts for all."""
    if isinstance(values, list):
        return values[position] if position < len(values) else None
    return values.get(str(position)) if isinstance(values, dict) else values


def _contradiction(what: str) -> PruefFehler:
    return unlesbar(
        f"Der Datensatz widerspricht sich: {what}.", "Bitte neu abrufen oder beim Lieferanten klären."
    )
