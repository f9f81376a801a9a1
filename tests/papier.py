"""What the tag tree of a PDF tells.

``maengel`` looks at every document alike: language, title and the identifier of PDF/UA-1; headings that go down by one
level and are bookmarks; an alternative text for every figure; header cells with a scope, the first of every
row among them; all painted content tagged or an artifact; fonts embedded and mapped to Unicode. What it does not
see: contrast, the sense of alternative texts, and all other rules of ISO 14289-1. This is no statement of conformance.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

import pikepdf

GEMALT = {"Tj", "TJ", "f", "f*", "S", "s", "B", "B*", "b", "b*", "Do", "sh"}


def baum(node: pikepdf.Object) -> Iterator[pikepdf.Object]:
    """Structure elements in reading order."""
    kids = node.get("/K", [])
    for kid in kids if isinstance(kids, pikepdf.Array) else [kids]:
        if isinstance(kid, pikepdf.Dictionary) and "/S" in kid:
            yield kid
            yield from baum(kid)


def elemente(node: pikepdf.Object, *names: str) -> list[pikepdf.Object]:
    """Structure elements of some kinds below a node."""
    return [found for found in baum(node) if str(found.S) in names]


def rollen(dokument: pikepdf.Pdf) -> list[str]:
    """Standard roles of all elements in reading order."""
    root = dokument.Root.StructTreeRoot
    roles = {str(k): str(v) for k, v in root.get("/RoleMap", {}).items()}
    return [roles.get(str(n.S), str(n.S)) for n in baum(root)]


def lesezeichen(dokument: pikepdf.Pdf) -> list[str]:
    """Titles of the bookmarks of the first two levels."""
    with dokument.open_outline() as outline:
        return [e.title for entry in outline.root for e in (entry, *entry.children)]


def maengel(dokument: pikepdf.Pdf) -> list[str]:
    """What is wrong with a document, in words; empty if nothing was found."""
    return [*_kennzeichen(dokument), *_gliederung(dokument), *_bilder(dokument), *_tafeln(dokument),
            *_gemaltes(dokument), *_schriften(dokument)]  # fmt: skip


def _kennzeichen(dokument: pikepdf.Pdf) -> Iterator[str]:
    root = dokument.Root
    if not root.MarkInfo.Marked or not root.ViewerPreferences.DisplayDocTitle:
        yield "not marked as tagged, or the title is not shown"
    if not str(root.Lang).startswith("de"):
        yield f"language {root.Lang}"
    with dokument.open_metadata() as meta:
        if meta["pdfuaid:part"] != "1" or not str(meta["dc:title"]).strip():
            yield "no identifier of PDF/UA-1, or no title"


def _gliederung(dokument: pikepdf.Pdf) -> Iterator[str]:
    levels = [int(name[2]) for name in rollen(dokument) if re.fullmatch(r"/H[1-6]", name)]
    if levels[:1] != [1] or levels.count(1) != 1 or any(b > a + 1 for a, b in pairwise(levels)):
        yield f"headings {levels}"
    if len(lesezeichen(dokument)) < 3:
        yield "no bookmarks"


def _bilder(dokument: pikepdf.Pdf) -> Iterator[str]:
    for figure in elemente(dokument.Root.StructTreeRoot, "/Figure"):
        if not elemente(figure, "/Figure") and not str(figure.get("/Alt", "")).strip():
            yield "figure without alternative text"


def _tafeln(dokument: pikepdf.Pdf) -> Iterator[str]:
    for table in elemente(dokument.Root.StructTreeRoot, "/Table"):
        heads = elemente(table, "/TH")
        if not heads or not all({"/Column", "/Row"} & _scopes(head) for head in heads):
            yield "table without header cells, or without their scope"
        for row in (row for body in elemente(table, "/TBody") for row in elemente(body, "/TR")):
            first, *others = elemente(row, "/TH", "/TD")
            wanted = "/Row" if others else "/Column"
            if str(first.S) != "/TH" or wanted not in _scopes(first) or {str(o.S) for o in others} - {"/TD"}:
                yield "row that its first cell does not head"
            if any("/Headers" in given for cell in others for given in cell.get("/A", [])):
                yield "cell with headers of its own; scopes decide"


def _scopes(head: pikepdf.Object) -> set[str]:
    given = head.get("/A", pikepdf.Array())
    return {str(a.get("/Scope", "")) for a in (given if isinstance(given, pikepdf.Array) else [given])}


def _gemaltes(dokument: pikepdf.Pdf) -> Iterator[str]:
    for number, page in enumerate(dokument.pages, 1):
        depth = loose = 0
        for _, operator in pikepdf.parse_content_stream(page):
            name = str(operator)
            depth += (name in {"BDC", "BMC"}) - (name == "EMC")
            loose += name in GEMALT and depth == 0
        if depth or loose:
            yield f"page {number}: {loose} painted without a tag"


def _schriften(dokument: pikepdf.Pdf) -> Iterator[str]:
    for page in dokument.pages:
        for font in page.resources.get("/Font", {}).values():
            descriptor = font.DescendantFonts[0].FontDescriptor
            if "/ToUnicode" not in font or not {"/FontFile2", "/FontFile3"} & set(descriptor.keys()):
                yield f"font {font.BaseFont} not embedded or without Unicode"
