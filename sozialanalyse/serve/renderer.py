"""Voila's renderer, which here sends what is known at once and waits for the kernel only where it must."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from typing import Any

from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_output
from voila.execute import VoilaExecutor
from voila.notebook_renderer import NotebookRenderer

from sozialanalyse.serve.frames import Dokumente
from sozialanalyse.serve.kernels import Bereit
from sozialanalyse.serve.outputs import Seitenstand


class Darsteller(NotebookRenderer):
    """Renders a notebook that has been made ready already.

    Parameters
    ----------
    notebook
        The notebook with its parameters.
    seite
        What the template wants to know besides.
    stand
        The page as an earlier visitor saw it; None if there was none.
    dokumente
        Where documents of frames are kept.
    """

    def __init__(
        self,
        notebook: NotebookNode,
        seite: dict[str, Any],
        stand: Seitenstand | None,
        dokumente: Dokumente,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self._ready, self._seite, self._dokumente = notebook, seite, dokumente
        self._known = stand.bekannt(notebook.cells) if stand else {}
        self.ausgaben: dict[int, list[NotebookNode]] = {}
        """Outputs by place, complete once the page is."""
        self.fertig = False

    @property
    def braucht_kern(self) -> bool:
        """Whether any cell has to be computed."""
        return any(self._needed(place, cell) for place, cell in enumerate(self._ready.cells))

    def _needed(self, place: int, cell: NotebookNode) -> bool:
        return cell.cell_type == "code" and place not in self._known

    async def load_notebook(self, path: str) -> NotebookNode:
        """Return the notebook given."""
        return self._ready

    async def initialize(self, **kwargs: Any) -> None:
        """Prepare the exporter and hand the frame of the page to the template."""
        await super().initialize(**kwargs)
        self.resources["sozial"] = self._seite

    @property
    def bedienbar(self) -> bool:
        """Whether the notebook has made widgets."""
        return self.kernel_started and bool(self.executor.widget_state)

    async def _jinja_kernel_start(self, nb: NotebookNode, kernel_id: str, kernel_future: Any) -> str:
        """Remember the kernel, which may still be starting while the first cells are sent."""
        self._kernel = kernel_future
        return kernel_id

    async def _jinja_cell_generator(self, nb: NotebookNode, kernel_id: str) -> AsyncIterator[NotebookNode]:
        """Yield the cells in order, known ones at once."""
        needed = nb.copy()
        needed.cells = [cell for place, cell in enumerate(nb.cells) if self._needed(place, cell)]
        computed = self._computed(needed, kernel_id)
        for place, cell in enumerate(nb.cells):
            if self._needed(place, cell):
                cell = await anext(computed, None)
                if cell is None:
                    return
            elif place in self._known:
                cell.outputs = self._known[place]
            if cell.cell_type == "code":
                self.ausgaben[place] = cell.outputs
                cell = self._mit_rahmen(cell)
            yield cell
        async for _ in computed:  # it ends here and gives back its connection
            pass
        self.fertig = True

    def _mit_rahmen(self, cell: NotebookNode) -> NotebookNode:
        """The cell as it is sent: documents of frames are put at addresses of their own."""
        shown = cell.copy()
        shown.outputs = [_ausgelagert(output, self._dokumente) for output in cell.outputs]
        return shown

    async def _computed(self, nb: NotebookNode, kernel_id: str) -> AsyncIterator[NotebookNode]:
        """Run cells one by one; a kernel that does not start is told like a cell that fails."""
        if not nb.cells:
            return
        try:
            kernel: Bereit = await self._kernel
        except Exception:
            logging.getLogger(__name__).exception("kernel did not start")
            yield new_code_cell(outputs=[new_output("stream", name="stderr", text="")])
            return
        self.executor = VoilaExecutor(
            nb, km=kernel.manager, config=self.traitlet_config, show_tracebacks=False
        )
        self.executor.kc = kernel.client
        self.kernel_started = True
        async for cell in super()._jinja_cell_generator(nb, kernel_id):
            yield cell


def _ausgelagert(output: NotebookNode, dokumente: Dokumente) -> NotebookNode:
    found = output.get("data", {}).get("text/html", "")
    if "srcdoc=" not in found:
        return output
    return NotebookNode({**output, "data": {**output.data, "text/html": dokumente.ausgelagert(found)}})
