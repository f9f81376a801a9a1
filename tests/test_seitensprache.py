"""Every key a page may hold is explained, with an example that is one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

import pytest
import yaml
from pydantic import BaseModel, TypeAdapter
from pydantic.fields import FieldInfo

import sozialanalyse
from sozialanalyse.region.catalogue import DatensatzSeite
from sozialanalyse.region.region import RegionSeite

PAKET = Path(sozialanalyse.__file__).parent
SEITE = PAKET / "anleitung" / "datensatzseite.md"

Abschnitt = dict[str, list[FieldInfo]]


def models(annotation: Any) -> list[type[BaseModel]]:
    """Models an annotation may hold, at whatever depth."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [model for part in get_args(annotation) for model in models(part)]


def keys(
    model: type[BaseModel], path: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], str, FieldInfo]]:
    """Every key of a page: section it stands in, name, field."""
    for name, field in model.model_fields.items():
        yield path, name, field
        inner = (*path, name, "NAME") if get_origin(field.annotation) is dict else (*path, name)
        for nested in models(field.annotation):
            yield from keys(nested, inner)


@cache
def gebraucht() -> dict[str, Abschnitt]:
    """Section -> key -> its fields (one per format that knows it)."""
    found: dict[str, Abschnitt] = {}
    for path, name, field in keys(DatensatzSeite):
        found.setdefault(" → ".join(path) or "Die Seite", {}).setdefault(name, []).append(field)
    return found


@cache
def erklaert() -> dict[str, dict[str, tuple[str, str]]]:
    """Section of the reference -> key -> (meaning, example)."""
    sections = re.split(r"^## (.+)$", SEITE.read_text(encoding="utf-8"), flags=re.M)[1:]
    row = re.compile(r"^\| `(\w+)` \| (.+?) \| `(.+?)` \|$", re.M)
    return {
        title: {key: (meaning, example.replace("\\|", "|")) for key, meaning, example in row.findall(text)}
        for title, text in zip(sections[::2], sections[1::2], strict=True)
    }


def test_every_key_is_explained_in_its_section():
    """And nothing is explained that no page may hold."""
    needed = {section: set(found) for section, found in gebraucht().items()}
    assert {section: set(erklaert().get(section, {})) for section in needed} == needed
    assert {section for section, rows in erklaert().items() if rows} == set(needed)


@pytest.mark.parametrize("section", sorted(gebraucht()))
def test_every_example_is_one(section):
    """Each example names its key and holds what the key may hold."""
    for key, (_, example) in erklaert()[section].items():
        content = yaml.safe_load(example)
        assert list(content) == [key]
        faults = []
        for field in gebraucht()[section][key]:
            try:
                TypeAdapter(field.rebuild_annotation()).validate_python(content[key])
            except ValueError as error:
                faults.append(error)
        assert len(faults) < len(gebraucht()[section][key]), (section, key, faults)


def test_every_word_to_choose_from_is_explained():
    """What a key may be, where it may be one of a few words."""
    for section, found in gebraucht().items():
        text = SEITE.read_text(encoding="utf-8").split(f"## {section}\n")[1].split("\n## ")[0]
        for key, fields in found.items():
            for word in {word for field in fields for word in choices(field.annotation)}:
                assert re.search(rf'`(?:\w+: |\{{.*?)?"?{re.escape(str(word))}"?(?:`|\}}|,)', text), (
                    section,
                    key,
                    word,
                )


def choices(annotation: Any) -> set[Any]:
    if get_origin(annotation) is Literal:
        return set(get_args(annotation))
    return {word for part in get_args(annotation) for word in choices(part) if not isinstance(part, str)}


def test_every_key_of_the_region_stands_in_the_skeleton():
    text = (PAKET / "region" / "geruest" / "region.yml").read_text(encoding="utf-8")
    missing = [
        " → ".join((*path, name)) for path, name, _ in keys(RegionSeite) if not re.search(rf"\b{name}:", text)
    ]
    assert missing == []


def test_the_example_page_shows_every_section():
    text = (PAKET / "region" / "geruest" / "indikatoren" / "beispiel.yml").read_text(encoding="utf-8")
    for section in gebraucht():
        key = section.removesuffix(" → NAME").split(" → ")[-1]
        assert section == "Die Seite" or re.search(rf"\b{key}:", text), section
