"""Tables of a tagged PDF: the first cell of each row becomes its header."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

import pikepdf


def zeilenkoepfe(datei: bytes) -> bytes:
    """PDF in whose tables the first cell of every row is a header with the scope of its row.

    In our pages it always is (``<th scope="row">``); Typst can say so only of the columns. A row that is one
    cell heads the rows below it. Data cells then no longer name their headers one by one, which would leave
    out those of the rows: reading programs follow the scopes.
    """
    with pikepdf.open(io.BytesIO(datei)) as dokument:
        for tafel in _elemente(dokument.Root.StructTreeRoot, "/Table"):
            for koerper in _elemente(tafel, "/TBody"):
                for zeile in _elemente(koerper, "/TR"):
                    _zeile([cell for cell in _kinder(zeile) if str(cell.S) in {"/TD", "/TH"}])
        out = io.BytesIO()
        dokument.save(out, deterministic_id=True, object_stream_mode=pikepdf.ObjectStreamMode.generate)
    return out.getvalue()


def blaetter(datei: bytes) -> int:
    """Number of pages."""
    with pikepdf.open(io.BytesIO(datei)) as dokument:
        return len(dokument.pages)


def _zeile(zellen: list[Any]) -> None:
    for nummer, zelle in enumerate(zellen):
        rest = [a for a in _eigenschaften(zelle) if str(a.get("/O", "")) != "/Table"]
        own = next((a for a in _eigenschaften(zelle) if str(a.get("/O", "")) == "/Table"), None)
        own = pikepdf.Dictionary(O=pikepdf.Name.Table) if own is None else own
        if "/Headers" in own:
            del own["/Headers"]
        if nummer == 0:
            zelle.S = pikepdf.Name.TH
            own.Scope = pikepdf.Name.Row if len(zellen) > 1 else pikepdf.Name.Column
        if len(own.keys()) > 1:
            rest.append(own)
        if rest:
            zelle.A = pikepdf.Array(rest)
        elif "/A" in zelle:
            del zelle["/A"]


def _eigenschaften(zelle: Any) -> list[Any]:
    given = zelle.get("/A", pikepdf.Array())
    return list(given) if isinstance(given, pikepdf.Array) else [given]


def _kinder(knoten: Any) -> list[Any]:
    kids = knoten.get("/K", pikepdf.Array())
    kids = list(kids) if isinstance(kids, pikepdf.Array) else [kids]
    return [kid for kid in kids if isinstance(kid, pikepdf.Dictionary) and "/S" in kid]


def _elemente(knoten: Any, rolle: str) -> Iterator[Any]:
    """Structure elements of one role below a node, in reading order."""
    for kind in _kinder(knoten):
        if str(kind.S) == rolle:
            yield kind
        yield from _elemente(kind, rolle)
