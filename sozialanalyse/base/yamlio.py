"""YAML as planners write it: every fault with file and line, no silent reinterpretation.

Plain YAML 1.1 turns ``05315000`` into 1415680 and ``NO`` into false. Here a number with leading zero
is refused with the advice to quote it, ``8:30`` is text, only ``true`` and ``false`` are truth values,
and a key given twice is a fault. :func:`lesen` remembers the line of every entry for later messages.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from sozialanalyse.base.errors import Befund, PruefFehler, vorschlag

Ort = tuple[str | int, ...]
M = TypeVar("M", bound=BaseModel)

_LEADING_ZERO = re.compile(r"[-+]?0[0-9_]+$")


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]  # compiled if there is one
    """Safe loader with the traps of YAML 1.1 closed."""


_STRICT = {
    "tag:yaml.org,2002:bool": (r"true|false", "tf"),
    "tag:yaml.org,2002:int": (r"[-+]?[0-9][0-9_]*", "-+0123456789"),
    "tag:yaml.org,2002:float": (r"[-+]?[0-9][0-9_]*\.[0-9_]*(?:[eE][-+]?[0-9]+)?", "-+0123456789"),
}
_Loader.yaml_implicit_resolvers = {
    first: [(tag, regexp) for tag, regexp in rules if tag not in _STRICT]
    for first, rules in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
for _tag, (_form, _first) in _STRICT.items():
    _Loader.add_implicit_resolver(_tag, re.compile(f"^(?:{_form})$"), list(_first))


TIEFSTE = 60
"""So deeply a page may be nested."""
MEISTE_EINTRAEGE = 200_000
"""So many entries a page may have, aliases written out."""
GROESSTE_SEITE = 5_000_000
"""Bytes of a page."""


def _faulty(text: str, mark: Any) -> yaml.constructor.ConstructorError:
    return yaml.constructor.ConstructorError(None, None, text, mark)


def _check_depth(quelltext: str) -> None:
    """Refuse deep nesting and too many entries before anything is built of them."""
    depth = entries = 0
    for event in yaml.parse(quelltext, Loader=_Loader):
        entries += isinstance(event, yaml.NodeEvent)
        if entries > MEISTE_EINTRAEGE:
            raise _faulty(
                f"Die Seite hat mehr als „{MEISTE_EINTRAEGE:,}“ Einträge.".replace(",", "."), event.start_mark
            )
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > TIEFSTE:
                raise _faulty(
                    f"Abschnitte dürfen höchstens „{TIEFSTE}“ Ebenen tief ineinander stehen.",
                    event.start_mark,
                )
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1


def _check_size(node: Node, known: dict[int, tuple[int, int]]) -> tuple[int, int]:
    """Entries and levels below a node with all aliases written out; refuses what would not fit."""
    if id(node) in known:
        size, depth = known[id(node)]
        if not size:
            raise _faulty("„*“ verweist hier auf einen Abschnitt, der sich selbst enthält.", node.start_mark)
        return size, depth
    known[id(node)] = (0, 0)
    parts: list[Node] = []
    if isinstance(node, MappingNode):
        parts = [part for pair in node.value for part in pair]
    elif isinstance(node, SequenceNode):
        parts = list(node.value)
    below = [_check_size(part, known) for part in parts]
    size, depth = 1 + sum(one for one, _ in below), 1 + max((levels for _, levels in below), default=0)
    if size > MEISTE_EINTRAEGE or depth > TIEFSTE:
        raise _faulty(
            f"Die Verweise („*“) ergeben ausgeschrieben mehr als {MEISTE_EINTRAEGE:,} Einträge oder {TIEFSTE} Ebenen.".replace(
                ",", "."
            ),
            node.start_mark,
        )
    known[id(node)] = (size, depth)
    return size, depth


def _day(loader: _Loader, node: ScalarNode) -> Any:
    try:
        return loader.construct_yaml_timestamp(node)
    except ValueError:
        raise _faulty(f"Den Tag „{node.value}“ gibt es nicht.", node.start_mark) from None


def _integer(loader: _Loader, node: ScalarNode) -> int:
    if _LEADING_ZERO.match(node.value):
        raise yaml.constructor.ConstructorError(
            None,
            None,
            f"„{node.value}“ beginnt mit einer Null und würde als Zahl gelesen. "
            f'Bitte in Anführungszeichen setzen: "{node.value}".',
            node.start_mark,
        )
    if len(node.value) > 30:
        raise _faulty(
            f"„{node.value[:30]}…“ ist als Zahl zu lang; bitte in Anführungszeichen setzen.", node.start_mark
        )
    return int(loader.construct_yaml_int(node))


_Loader.add_constructor("tag:yaml.org,2002:int", _integer)
_Loader.add_constructor("tag:yaml.org,2002:timestamp", _day)


@dataclass(frozen=True)
class Dokument:
    """Content of one YAML file and the line of each of its entries."""

    pfad: Path
    inhalt: Any
    zeilen: dict[Ort, int] = field(repr=False)

    def zeile(self, ort: Ort) -> int | None:
        """Line of an entry, or of the closest entry that contains it."""
        while ort and ort not in self.zeilen:
            ort = ort[:-1]
        return self.zeilen.get(ort)


def _lines(node: Node, ort: Ort, zeilen: dict[Ort, int]) -> None:
    zeilen.setdefault(ort, node.start_mark.line + 1)
    if isinstance(node, MappingNode):
        for key, value in node.value:
            if not isinstance(key, ScalarNode):
                raise yaml.constructor.ConstructorError(
                    None, None, "Vor dem Doppelpunkt wird ein einfacher „Name“ erwartet.", key.start_mark
                )
            inner = (*ort, key.value)
            if inner in zeilen:
                raise yaml.constructor.ConstructorError(
                    None, None, f"Der Eintrag „{key.value}“ steht zweimal da.", key.start_mark
                )
            zeilen[inner] = key.start_mark.line + 1
            _lines(value, inner, zeilen)
    elif isinstance(node, SequenceNode):
        for index, value in enumerate(node.value):
            _lines(value, (*ort, index), zeilen)


def lesen(pfad: Path) -> Dokument:
    """Read one YAML file.

    Raises
    ------
    PruefFehler
        If the file is missing, not UTF-8 or no valid YAML; the message names the line.
    """
    try:
        if pfad.stat().st_size > GROESSTE_SEITE:
            raise PruefFehler(
                [Befund("fehler", f"Die Seite ist größer als {GROESSTE_SEITE // 1_000_000} MB.",
                        "Bitte prüfen, ob hier versehentlich Daten statt Angaben stehen.", datei=str(pfad))]
            )  # fmt: skip
        quelltext = pfad.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise PruefFehler([Befund("fehler", "Die Datei fehlt.", "Bitte anlegen.", datei=str(pfad))]) from None
    except OSError:
        raise PruefFehler(
            [Befund("fehler", "Die Datei lässt sich nicht öffnen.", "Bitte die Leserechte prüfen.", datei=str(pfad))]
        ) from None  # fmt: skip
    except UnicodeDecodeError:
        raise PruefFehler(
            [Befund("fehler", "Die Datei ist nicht in UTF-8 gespeichert.",
                    "Bitte im Editor mit der Kodierung UTF-8 speichern.", datei=str(pfad))]
        ) from None  # fmt: skip
    loader: _Loader | None = None
    try:
        _check_depth(quelltext)
        loader = _Loader(quelltext)
        node = loader.get_single_node()
        zeilen: dict[Ort, int] = {}
        if node is not None:
            _check_size(node, {})
            _lines(node, (), zeilen)
        inhalt = loader.construct_document(node) if node is not None else {}
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        problem = error.problem or ""
        german = problem if re.search(r"[„“]", problem) else "Das ist kein gültiges YAML."
        raise PruefFehler(
            [
                Befund(
                    "fehler",
                    german,
                    ""
                    if german == problem
                    else "Bitte Einrückung, Doppelpunkte und Anführungszeichen prüfen.",
                    datei=str(pfad),
                    zeile=mark.line + 1 if mark else None,
                )
            ]
        ) from None
    except (yaml.YAMLError, ValueError, RecursionError):
        raise PruefFehler(
            [Befund("fehler", "Die Datei enthält unzulässige Zeichen.",
                    "Bitte mit einem Texteditor neu speichern.", datei=str(pfad))]
        ) from None  # fmt: skip
    finally:
        if loader is not None:
            loader.dispose()
    return Dokument(pfad, inhalt, zeilen)


def pruefen(modell: type[M], dokument: Dokument, **kontext: object) -> M:
    """Check a document against a pydantic model.

    Raises
    ------
    PruefFehler
        With one finding per fault, all at once, each with its line.
    """
    try:
        return modell.model_validate(dokument.inhalt or {}, context=kontext)
    except ValidationError as error:
        raise PruefFehler(befunde(error, modell, dokument.inhalt, dokument)) from None


def lies_seiten(ordner: Path, modell: type[M]) -> tuple[list[tuple[Dokument, M]], list[Befund]]:
    """Every page ``*.yml`` of a folder in the order of their names, and what is wrong on the others; no folder, no pages."""
    pages: list[tuple[Dokument, M]] = []
    problems: list[Befund] = []
    for path in sorted(ordner.glob("*.yml")):
        try:
            document = lesen(path)
            pages.append((document, pruefen(modell, document)))
        except PruefFehler as error:
            problems += error.befunde
    return pages, problems


def befunde(
    error: ValidationError, modell: type[BaseModel], inhalt: Any, dokument: Dokument | None = None
) -> list[Befund]:
    """Translate the findings of pydantic on ``inhalt`` into German findings, one per place."""
    places: dict[Ort, tuple[str, list[str]]] = {}
    items = [(_place(item, inhalt), item) for item in error.errors()]
    for ort, item in items:
        # of the alternatives a type offers, only the one that got furthest speaks
        if len(ort) < len(item["loc"]) and any(o[: len(ort)] == ort and len(o) > len(ort) for o, _ in items):
            continue
        sentence, remedy = _german(item, ort, modell)
        _, remedies = places.setdefault(ort, (sentence, []))
        if remedy not in remedies:
            remedies.append(remedy)
    return [
        Befund(
            "fehler",
            f"{' → '.join(str(part) for part in ort) or 'Dokument'}: {sentence}",
            " ".join(filter(None, remedies)),
            datei=str(dokument.pfad) if dokument else "",
            zeile=dokument.zeile(ort) if dokument else None,
        )
        for ort, (sentence, remedies) in places.items()
    ]


def _place(item: Any, inhalt: Any) -> Ort:
    """Place of a finding in the document, without pydantic's names for alternatives and validators."""
    ort: list[str | int] = []
    for part in item["loc"]:
        try:
            inhalt = inhalt[part]
        except (KeyError, IndexError, TypeError):
            continue
        ort.append(part)
    return (*ort, item["loc"][-1]) if item["type"] == "missing" else tuple(ort)


def _german(item: Any, ort: Ort, modell: type[BaseModel]) -> tuple[str, str]:
    kind, context, given = item["type"], item.get("ctx", {}), item.get("input")
    if given is None and kind.endswith("_type"):
        return "Diese Angabe fehlt.", "Bitte ergänzen."
    match kind:
        case "missing":
            return "Diese Angabe fehlt.", "Bitte ergänzen."
        case "extra_forbidden":
            elsewhere = _elsewhere(modell, str(ort[-1]))
            return "Diese Angabe ist unbekannt.", elsewhere or vorschlag(
                str(ort[-1]), _known(modell, ort[:-1])
            )
        case "value_error" | "assertion_error":
            return str(context.get("error", item["msg"])), ""
        case "union_tag_not_found":
            key = str(context.get("discriminator", "")).strip("'")
            return f"Die Angabe „{key}“ fehlt.", "Bitte ergänzen."
        case "union_tag_invalid":
            key = str(context.get("discriminator", "")).strip("'")
            names = re.findall(r"'([^']*)'", context.get("expected_tags", ""))
            return (
                f"{key}: „{context.get('tag')}“ ist hier nicht möglich.",
                f"Möglich: {', '.join(f'„{n}“' for n in names)}.",
            )
        case "literal_error" | "enum":
            names = re.findall(r"'([^']*)'", context.get("expected", ""))
            return f"„{given}“ ist hier nicht möglich.", f"Möglich: {', '.join(f'„{n}“' for n in names)}."
        case "string_type":
            return f"Erwartet wird Text, gefunden wurde {_kind(given)}.", "Bitte in Anführungszeichen setzen."
        case "string_pattern_mismatch":
            return f"„{given}“ hat nicht die erwartete Form.", f"Erwartetes Muster: {context.get('pattern')}."
        case "int_type" | "int_parsing" | "int_from_float":
            return f"Erwartet wird eine ganze Zahl, gefunden wurde {_kind(given)}.", ""
        case "float_type" | "float_parsing":
            return (
                f"Erwartet wird eine Zahl, gefunden wurde {_kind(given)}.",
                "Bitte mit Dezimalpunkt schreiben.",
            )
        case "bool_type" | "bool_parsing":
            return f"Erwartet wird true oder false, gefunden wurde {_kind(given)}.", ""
        case "date_type" | "date_parsing" | "date_from_datetime_parsing" | "date_from_datetime_inexact":
            return f"„{given}“ ist kein Datum.", "Bitte als JJJJ-MM-TT schreiben, zum Beispiel 2023-12-31."
        case "list_type" | "tuple_type":
            return (
                f"Erwartet wird eine Liste, gefunden wurde {_kind(given)}.",
                "Bitte in eckige Klammern setzen.",
            )
        case "dict_type" | "model_type" | "model_attributes_type":
            return f"Erwartet werden eingerückte Angaben, gefunden wurde {_kind(given)}.", ""
    limits = {
        "greater_than": "größer als {gt}",
        "greater_than_equal": "mindestens {ge}",
        "less_than": "kleiner als {lt}",
        "less_than_equal": "höchstens {le}",
        "too_short": "mindestens {min_length} Einträge lang",
        "too_long": "höchstens {max_length} Einträge lang",
        "string_too_short": "mindestens {min_length} Zeichen lang",
    }
    if kind in limits:
        return f"„{given}“ ist nicht zulässig: Der Wert muss {limits[kind].format(**context)} sein.", ""
    return f"„{given}“ ist nicht zulässig.", ""


def _kind(value: object) -> str:
    names = {bool: "ein Wahrheitswert", int: "die Zahl", float: "die Zahl", str: "der Text",
             list: "eine Liste", dict: "ein Abschnitt"}  # fmt: skip
    name = names.get(type(value), "ein anderer Wert")
    return f"{name} „{value}“" if isinstance(value, int | float | str) else name


def _known(modell: type[BaseModel], ort: Ort) -> list[str]:
    """Field names of the model at a place, as far as the types tell."""
    fields: dict[str, Any] = dict(modell.model_fields)
    for part in ort:
        info = fields.get(str(part)) if fields else None
        inner = _models(info.annotation if info is not None else None)
        if inner:
            fields = dict(inner[0].model_fields)
        elif info is not None:
            return []
    return list(fields)


def _elsewhere(modell: type[BaseModel], name: str) -> str:
    """Sentence that tells where a key belongs, if there is one such place in the model."""
    places = {path for path, keys in _sections(modell, ()) if name in keys}
    if len(places) != 1:
        return ""
    (path,) = places
    return f"Sie gehört unter {' → '.join(path)}." if path else "Sie gehört an den linken Rand der Seite."


def _sections(modell: type[BaseModel], path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], set[str]]]:
    """Every section of a page with its keys."""
    yield path, set(modell.model_fields)
    for name, info in modell.model_fields.items():
        for inner in _models(info.annotation):
            yield from _sections(inner, (*path, name))


def _models(annotation: Any) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [model for arg in getattr(annotation, "__args__", ()) for model in _models(arg)]
