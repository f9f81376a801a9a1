"""German wording, looked up by key: ``text("varianz.titel", stichtag=...)``.

One YAML file per topic in the folder of a language; the file name is the first part of the key.
Whole sentences with named placeholders, a number together with its noun: ``{anzahl:Gebiet|Gebiete}``. A missing key or placeholder is an error, so a page can
never show half a sentence.
"""

from __future__ import annotations

import re
import string
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import yaml

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""The compiled reader where there is one: every kernel reads all sentences before it shows anything."""

_FEST = re.compile(r"(?<=[0-9x}]) %")
"""A number and its percent sign stay on one line."""


class _Numerus(string.Formatter):
    """A placeholder may hold the words that go with one and with more: ``{zahl:Gebiet erhält|Gebiete erhalten}``."""

    def format_field(self, value: Any, format_spec: str) -> Any:
        one, parted, more = format_spec.partition("|")
        if not parted:
            return super().format_field(value, format_spec)
        return f"{value} {one if str(value) in {'1', '-1'} else more}"


_FORM = _Numerus()


def _flat(prefix: str, node: Any) -> dict[str, str]:
    if isinstance(node, dict):
        return {k: v for key, value in node.items() for k, v in _flat(f"{prefix}.{key}", value).items()}
    return {prefix: _FEST.sub("\u00a0%", str(node).strip())}


@cache
def _sentences(sprache: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for page in files(__package__).joinpath(sprache).iterdir():
        if page.name.endswith(".yml"):
            content = yaml.load(page.read_text(encoding="utf-8"), Loader=_LOADER)
            found |= _flat(page.name.removesuffix(".yml"), content)
    return found


def ergaenze(prefix: str, page: Path, /, *, sprache: str = "de") -> None:
    """Add the sentences of a file that is not in the folder of a language, such as those of a page of another package."""
    _sentences(sprache).update(_flat(prefix, yaml.load(page.read_text(encoding="utf-8"), Loader=_LOADER)))


def text(key: str, /, *, sprache: str = "de", **values: object) -> str:
    """Return the sentence for ``key`` with its placeholders filled.

    Raises
    ------
    KeyError
        If the key or one of its placeholders is missing.
    """
    sentences = _sentences(sprache)
    if key not in sentences:
        raise KeyError(f"no text {key!r} in {sprache!r}")
    return _FORM.vformat(sentences[key], (), values)


def vorlage(key: str, /, *, sprache: str = "de") -> str:
    """Sentence with its placeholders left open, for a script that fills them on the page."""
    return _sentences(sprache)[key]


def keys(sprache: str = "de") -> frozenset[str]:
    """All keys of one language, for the test that compares them with those in use."""
    return frozenset(_sentences(sprache))
