"""What cells have shown is kept in memory, so that the next visitor of the same page need not wait for it.

The result of a cell that only shows something depends on the notebook, the parameters and the snapshot
and on nothing else; all visitors see the same. Only cells that assign names or make widgets have to run
in every visitor's own kernel, and a page without widgets needs no kernel at all the second time.
"""

from __future__ import annotations

import ast
import asyncio
from collections import OrderedDict
from collections.abc import AsyncIterator, Hashable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass

from nbformat import NotebookNode

WIDGET = "application/vnd.jupyter.widget-view+json"


def nur_anzeige(source: str) -> bool:
    """Whether a cell is one expression, such as ``bericht.karte()``: it shows something and sets no name."""
    try:
        body = ast.parse(source).body
    except (SyntaxError, ValueError):
        return False
    return len(body) == 1 and isinstance(body[0], ast.Expr)


@dataclass(frozen=True)
class Seitenstand:
    """Outputs of all cells of one page, by place, as its first visitor saw them."""

    ausgaben: dict[int, list[NotebookNode]]
    bedienbar: bool
    """Whether some of them are widgets."""
    umfang: int
    """About how many bytes they take."""

    def bekannt(self, cells: Sequence[NotebookNode]) -> dict[int, list[NotebookNode]]:
        """The outputs that need no kernel: all on a page without widgets, else those that only show."""
        return {
            place: outputs
            for place, outputs in self.ausgaben.items()
            if not self.bedienbar or (nur_anzeige(cells[place].source) and not any(map(_widget, outputs)))
        }


class Gemerkt:
    """The pages asked for last, up to so many bytes."""

    def __init__(self, hoechstens: int) -> None:
        self.hoechstens = hoechstens
        self._pages: OrderedDict[Hashable, Seitenstand] = OrderedDict()
        self._in_arbeit: dict[Hashable, asyncio.Event] = {}

    @asynccontextmanager
    async def seite(self, key: Hashable, geduld: float) -> AsyncIterator[Seitenstand | None]:
        """Give a page if it is known; one that somebody is computing is waited for, ``geduld`` seconds at most.

        With None the caller computes it, and whoever asks meanwhile waits until this context is left.
        """
        if key not in self._pages and (work := self._in_arbeit.get(key)):
            with suppress(TimeoutError):
                await asyncio.wait_for(work.wait(), geduld)
        found = self.hole(key)
        if found is not None or key in self._in_arbeit:
            yield found
            return
        work = self._in_arbeit[key] = asyncio.Event()
        try:
            yield None
        finally:
            del self._in_arbeit[key]
            work.set()

    def hole(self, key: Hashable) -> Seitenstand | None:
        """Return a page if it is known."""
        if found := self._pages.get(key):
            self._pages.move_to_end(key)
        return found

    def merke(self, key: Hashable, ausgaben: dict[int, list[NotebookNode]]) -> None:
        """Keep a page that was computed to its end; one with faults or remarks is not kept."""
        outputs = [output for found in ausgaben.values() for output in found]
        if any(output["output_type"] in ("error", "stream") for output in outputs):
            return
        size = sum(len(str(part)) for output in outputs for part in output.get("data", {}).values())
        self._pages[key] = Seitenstand(ausgaben, any(map(_widget, outputs)), size)
        while sum(page.umfang for page in self._pages.values()) > self.hoechstens:
            self._pages.popitem(last=False)


def _widget(output: NotebookNode) -> bool:
    return WIDGET in output.get("data", {})
