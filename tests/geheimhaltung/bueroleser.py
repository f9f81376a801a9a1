"""What a reader gets out of Word, PowerPoint and Excel files beside the cells of sheets: whatever stands in any of their parts.

A file is an archive of XML parts. Every part is looked through, also those no program shows: headers, notes, comments,
layouts, properties, numbers behind charts, alternative texts, embedded files. Pictures of pixels are not read.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from lxml import etree

Tafel = list[list[str]]
ENDUNGEN = (".xlsx", ".docx", ".pptx")
ZELLEN = ("xl/worksheets/sheet", "xl/sharedStrings", "xl/styles")
"""Parts of workbooks whose content the cells tell better."""


@dataclass
class Inhalt:
    """Tables as rows of cells and all other texts, in the order of the file; files embedded in it with their names."""

    titel: str = ""
    stuecke: list[Tafel | str] = field(default_factory=list)
    dateien: list[tuple[str, io.BytesIO]] = field(default_factory=list)


def lies(file: Path | io.BytesIO) -> Inhalt:
    found = Inhalt()
    with zipfile.ZipFile(file) as archive:
        for name in archive.namelist():
            content = archive.read(name)
            if name.endswith(ENDUNGEN):
                found.dateien.append((name, io.BytesIO(content)))
            elif name.endswith((".xml", ".rels", ".vml")) and not name.startswith(ZELLEN):
                root = etree.fromstring(content)
                found.titel = next((_worte(one) for one in _alle(root, "title") if one.text), found.titel)
                found.stuecke += _stuecke(root)
    return found


def _name(node: etree._Element) -> str:
    return etree.QName(node).localname if isinstance(node.tag, str) else ""


def _alle(root: etree._Element, name: str) -> Iterator[etree._Element]:
    return (node for node in root.iter() if _name(node) == name)


def _eigene(node: etree._Element, name: str) -> Iterator[etree._Element]:
    """Such elements below a node, not those in tables in it."""
    for child in node:
        if _name(child) == name:
            yield child
        elif _name(child) not in ("tbl", "tc"):
            yield from _eigene(child, name)


def _worte(node: etree._Element) -> str:
    """What is written below a node; paragraphs are apart."""
    paragraphs = list(_alle(node, "p"))
    parts = ["".join(one.itertext()).strip() for one in paragraphs or [node]]
    return " ".join(part for part in parts if part)


def _stuecke(root: etree._Element) -> Iterator[Tafel | str]:
    """Tables, numbers behind charts, paragraphs, whatever else is written, attributes, comments of the XML."""
    for node in root.iter():
        kind = _name(node)
        if not kind:
            yield str(node.text or "")
            continue
        yield from (str(value) for value in node.attrib.values() if " " in str(value))
        if kind == "tbl":
            yield [[_worte(cell) for cell in _eigene(row, "tc")] for row in _eigene(node, "tr")]
        elif kind == "ser":
            yield _reihe(node)
        elif kind in ("p", "comment", "si") or (node.text and node.text.strip()):
            yield _worte(node)


def _reihe(series: etree._Element) -> Tafel:
    """Places and values a chart keeps of a series."""
    named = {_name(one): one for one in series}
    places, values = (
        {str(point.get("idx")): _worte(point) for point in _alle(named[key], "pt")} if key in named else {}
        for key in ("cat", "val")
    )
    title = next((_worte(one) for one in _alle(named["tx"], "v")), "") if "tx" in named else ""
    return [
        ["", title],
        *([word, values[key].replace(".", ",")] for key, word in places.items() if key in values),
    ]
