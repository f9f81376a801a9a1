"""What a reader gets out of a PDF: the tables of its tag tree, and every other piece of text, pictures and marks among them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pikepdf

Tafel = list[list[str]]
_ZEICHEN = {
    kind: re.compile(r"\s*".join([r"<([0-9A-Fa-f]+)>"] * count))
    for kind, count in (("bfchar", 2), ("bfrange", 3))
}


def lies(path: Path) -> tuple[list[Tafel], list[str]]:
    """Tables as rows of cells, and all texts: of elements, of pictures, alternative texts and what describes the document."""
    with pikepdf.open(path) as document:
        marked: dict[tuple[int, int], str] = {}
        texts: list[str] = []
        for page in document.pages:
            found, loose = _inhalt(page.obj, page.obj)
            marked |= {(page.obj.objgen[0], number): text for number, text in found.items()}
            texts += loose
        tables: list[Tafel] = []
        if "/StructTreeRoot" in document.Root:
            _baum(document.Root.StructTreeRoot, None, marked, tables, texts)
        texts += [str(value) for value in document.docinfo.values()] if "/Info" in document.trailer else []
        if "/Metadata" in document.Root:
            texts.append(document.Root.Metadata.read_bytes().decode("utf-8", "replace"))
        return tables, texts


def _inhalt(stream: pikepdf.Object, owner: pikepdf.Object) -> tuple[dict[int, str], list[str]]:
    """Text of every marked piece of a page or picture, and what is not marked."""
    resources = owner.get("/Resources", pikepdf.Dictionary())
    fonts = {name: _schrift(font) for name, font in resources.get("/Font", {}).items()}
    marked: dict[int, str] = {}
    loose: list[str] = [""]
    numbers: list[int | None] = []
    font: dict[bytes, str] = {}
    for operands, operator in pikepdf.parse_content_stream(stream):
        word = str(operator)
        if word in ("BDC", "BMC"):
            known = operands[1] if len(operands) > 1 and isinstance(operands[1], pikepdf.Dictionary) else {}
            numbers.append(int(known["/MCID"]) if "/MCID" in known else None)
            loose.append("")
        elif word == "EMC":
            numbers.pop()
        elif word == "Tf":
            font = fonts.get(str(operands[0]), {})
        elif word == "Do":
            inner = resources.get("/XObject", {}).get(str(operands[0]))
            if inner is not None and inner.get("/Subtype") == "/Form":
                loose += [text for text in _inhalt(inner, inner)[1] if text]
        elif word in ("Tj", "TJ", "'", '"'):
            text = _text(operands[-1], font)
            number = next((one for one in reversed(numbers) if one is not None), None)
            if number is None:
                loose[-1] += text
            else:
                marked[number] = marked.get(number, "") + text
        elif word == "BT":
            loose.append("")
    return marked, loose


def _text(shown: pikepdf.Object, font: dict[bytes, str]) -> str:
    parts = shown if isinstance(shown, pikepdf.Array) else [shown]
    result = ""
    for part in parts:
        if isinstance(part, pikepdf.String):
            codes = bytes(part)
            result += "".join(font.get(codes[i : i + 2], "") for i in range(0, len(codes), 2))
    return result


def _schrift(font: pikepdf.Object) -> dict[bytes, str]:
    """Code -> text."""
    if "/ToUnicode" not in font:
        return {}
    table = font.ToUnicode.read_bytes().decode("latin-1")
    result: dict[bytes, str] = {}
    for kind, block in re.findall(r"begin(bfchar|bfrange)(.*?)endbf", table, re.S):
        for codes in _ZEICHEN[kind].findall(block):
            first, last, text = codes[0], codes[-2], bytes.fromhex(codes[-1]).decode("utf-16-be")
            for step, code in enumerate(range(int(first, 16), int(last, 16) + 1)):
                result[code.to_bytes(len(first) // 2, "big")] = text[:-1] + chr(ord(text[-1]) + step)
    return result


def _baum(
    node: pikepdf.Object,
    page: pikepdf.Object | None,
    marked: dict[tuple[int, int], str],
    tables: list[Tafel],
    texts: list[str],
) -> str:
    """Text below a node of the tag tree; its tables are gathered on the way."""
    page = node.get("/Pg", page)
    if "/Alt" in node:
        texts.append(str(node.Alt))
    kind = str(node.get("/S", ""))
    if kind == "/Table":
        rows = [[_baum(cell, page, marked, [], texts) for cell in _kinder(row)] for row in _zeilen(node)]
        tables.append(rows)
        return ""
    result = ""
    for kid in _kinder(node):
        if isinstance(kid, pikepdf.Dictionary) and "/S" in kid:
            result += _baum(kid, page, marked, tables, texts)
        else:
            own = kid.get("/Pg", page) if isinstance(kid, pikepdf.Dictionary) else page
            number = kid.get("/MCID") if isinstance(kid, pikepdf.Dictionary) else kid
            if own is not None and number is not None:
                result += marked.get((own.objgen[0], int(number)), "")
    if kind and result:
        texts.append(result)
    return result


def _kinder(node: pikepdf.Object) -> list[pikepdf.Object]:
    kids = node.get("/K", [])
    return list(kids) if isinstance(kids, pikepdf.Array) else [kids]


def _zeilen(node: pikepdf.Object) -> Iterator[pikepdf.Object]:
    for kid in _kinder(node):
        if isinstance(kid, pikepdf.Dictionary) and str(kid.get("/S", "")) == "/TR":
            yield kid
        elif isinstance(kid, pikepdf.Dictionary):
            yield from _zeilen(kid)
