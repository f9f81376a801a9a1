"""JSON-stat 2.0, the format of statistical offices' interfaces: one row per value, a column per dimension.

Reference: https://json-stat.org/full/
"""

from __future__ import annotations

from collections.abc import Collection
from itertools import product
from math import prod
from pathlib import Path
from typing import Any, Literal

from sozialanalyse.base import Blatt, PruefFehler, Stellen
from sozialanalyse.formate.form import Dateiform, unlesbar
from sozialanalyse.formate.jsontext import KOMMONITOR, MEISTE_WERTE, beginnt, lies_objekt

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
        sizes = list(found["size"])
        values = found["value"]
    except (KeyError, TypeError, ValueError, AttributeError):
        raise _contradiction("Angaben zu den Dimensionen fehlen oder passen nicht zueinander") from None
    if len(set(names)) < len(names):
        raise _contradiction("„id“ nennt eine Dimension zweimal")
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
    if isinstance(values, dict) and not all(_is_place(key, count) for key in values):
        raise _contradiction("„value“ nennt Stellen, die es nicht gibt")
    if not isinstance(values, list | dict):
        raise _contradiction("„value“ ist keine Liste")
    if any(isinstance(one, list | dict) for one in (values if isinstance(values, list) else values.values())):
        raise _contradiction("in „value“ stehen Listen statt Zahlen")
    status = found.get("status")
    if isinstance(status, list) and len(status) not in (1, count):
        raise _contradiction(f"es sind {len(status)} Angaben in „status“ zu {count} Werten")
    heading = [text for name in names for text in (name, f"{name} | Bezeichnung")]
    above = [str(found[key]) for key in ("label", "source", "updated") if found.get(key)]
    rows: list[tuple[int, list[Any]]] = [(-1 - len(above) + at, [text]) for at, text in enumerate(above)]
    rows.append((-1, [*heading, "value", "status"]))
    for position, place in enumerate(product(*axes)):
        sign = _at(status, position if not isinstance(status, list) or len(status) == count else 0)
        value = _at(values, position)
        cells = [text for pair in place for text in pair]
        rows.append((position, [*cells, sign if value is None else value, sign]))
    return [Blatt("", rows, stellen=STELLEN)]


def _categories(dimension: dict[str, Any]) -> list[tuple[str, str]]:
    """Code and label of each category in its order."""
    category = dimension["category"]
    labels = category.get("label", {})
    index = category.get("index", list(labels))
    codes = sorted(index, key=index.__getitem__) if isinstance(index, dict) else list(index)
    if isinstance(index, dict) and sorted(index.values()) != list(range(len(index))):
        raise _contradiction(f"„index“ zählt die Kategorien nicht von 0 bis {len(index) - 1}")
    if twice := next((code for code in codes if codes.count(code) > 1), None):
        raise _contradiction(f"die Kategorie „{twice}“ steht zweimal in einer Dimension")
    if not all(isinstance(code, str | int) for code in codes):
        raise _contradiction("eine Kategorie hat keinen Namen")
    return [(str(code), str(labels.get(code, code))) for code in codes]


def _is_place(key: str, count: int) -> bool:
    """Whether a key of a sparse object is the number of a value, written plainly."""
    return key.isascii() and key.isdigit() and str(int(key)) == key and int(key) < count


def _at(values: Any, position: int) -> Any:
    """Entry of a list or of an object that leaves gaps out; a single text counts for all."""
    if isinstance(values, list):
        return values[position] if position < len(values) else None
    return values.get(str(position)) if isinstance(values, dict) else values


def _contradiction(what: str) -> PruefFehler:
    return unlesbar(
        f"Der Datensatz widerspricht sich: {what}.", "Bitte neu abrufen oder beim Lieferanten klären."
    )
