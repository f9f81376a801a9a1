"""A live page: the notebook computed for one visitor while the page is being sent."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

from markupsafe import Markup
from nbformat import NotebookNode
from tornado import web
from tornado.iostream import StreamClosedError
from voila.notebook_renderer import NotebookRenderer

from sozialanalyse.errors import LaufFehler, ParameterFehler
from sozialanalyse.parameters import NOTEBOOKS, Parameter
from sozialanalyse.publish.serve import headers
from sozialanalyse.publish.serve.handlers import Abgewiesen, Handler
from sozialanalyse.publish.serve.kernels import Kerne, Voll
from sozialanalyse.publish.serve.logs import ereignis
from sozialanalyse.publish.serve.notebook import bereite_vor
from sozialanalyse.texts import text


class Darsteller(NotebookRenderer):
    """Voila's renderer for a notebook that has been made ready already."""

    def __init__(self, notebook: NotebookNode, seite: dict[str, Any], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._ready = notebook
        self._seite = seite

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
        return bool(self.executor.widget_state)


class Live(Handler):
    """The page of one notebook with the parameters of the link."""

    gone: asyncio.Event

    async def prepare(self) -> None:  # type: ignore[override]
        """Refuse the guesses of browsers that load links ahead: a kernel is for a reader."""
        self.gone = asyncio.Event()
        if "prefetch" in self.request.headers.get("Sec-Purpose", "") + self.request.headers.get(
            "Purpose", ""
        ):
            raise web.HTTPError(503)
        await super().prepare()

    async def get(self, notebook: str) -> None:
        """Check the link, start a kernel, send the page cell by cell."""
        parameter = self.checked(notebook)
        self.set_header("X-Robots-Tag", "noindex, nofollow")
        self.set_header("Cache-Control", "no-store")
        kerne: Kerne = self.settings["kernel_manager"]
        try:
            ready = bereite_vor(self.dienst.notebooks / f"{notebook}.ipynb", parameter, self.dienst.kern)
        except LaufFehler as error:
            raise Abgewiesen(500) from error
        try:
            kernel_id = await kerne.beginne(
                self.dienst.kern, str(self.dienst.notebooks), self.dienst.umgebung
            )
        except Voll:
            self.wait(notebook, parameter)
            return
        try:
            renderer = self.renderer(ready, notebook, parameter)
            await renderer.initialize()
            await self.send(renderer, kerne, kernel_id)
        except StreamClosedError:
            self.gone.set()
        except BaseException:
            kerne.gib_frei(kernel_id, "fehler")
            raise
        if self.gone.is_set():
            kerne.gib_frei(kernel_id, "abgebrochen")
        elif renderer.bedienbar:
            kerne.ausgeliefert(kernel_id)
        else:
            kerne.gib_frei(kernel_id, "fertig")

    def checked(self, notebook: str) -> Parameter:
        """Return the checked parameters of the link.

        Raises
        ------
        Abgewiesen
            404 for an unknown notebook, 403 for an audience that is not served here, 400 for the rest.
        """
        if notebook not in NOTEBOOKS or notebook not in self.dienst.angeboten:
            raise Abgewiesen(404)
        asked = {name: self.get_query_arguments(name) for name in self.request.query_arguments}
        back = self.dienst.live(notebook)
        if self.dienst.audience == "oeffentlich" and "intern" in asked.get("audience", []):
            raise Abgewiesen(403, zurueck=back)
        try:
            parameter = self.dienst.parameter(notebook, asked)
        except ParameterFehler as error:
            ereignis("link_abgewiesen", notebook=notebook, maengel=len(str(error).splitlines()))
            raise Abgewiesen(400, str(error).splitlines(), back) from None
        if self.dienst.audience == "oeffentlich" and parameter.audience != "oeffentlich":
            raise Abgewiesen(403, zurueck=back)
        return parameter

    def renderer(self, ready: NotebookNode, notebook: str, parameter: Parameter) -> Darsteller:
        """Return the renderer of this page."""
        vor, nach = self.dienst.rahmen(self.dienst.titel(notebook), notebook)
        seite = {
            "vor": vor,
            "nach": nach,
            "bericht": self.dienst.bericht(notebook, parameter),
            "statisch": self.dienst.statisch,
            "text": text,
        }
        return Darsteller(
            ready,
            seite,
            request_handler=self,
            voila_configuration=self.settings["voila_configuration"],
            traitlet_config=self.settings["config"],
            notebook_path=f"{notebook}.ipynb",
            template_paths=self.settings["template_paths"],
            contents_manager=self.contents_manager,
            kernel_spec_manager=self.kernel_spec_manager,
            base_url="/",
            page_config=self.dienst.page_config,
        )

    async def send(self, renderer: Darsteller, kerne: Kerne, kernel_id: str) -> None:
        """Send the page in pieces; long cells are bridged by signs of life."""
        self.set_header("Content-Type", "text/html; charset=utf-8")
        self.set_header("Content-Security-Policy", headers.LIVE)
        self.set_header("X-Accel-Buffering", "no")
        pieces: AsyncIterator[tuple[str, Any]] = renderer.generate_content_generator(
            kernel_id, kerne.get_kernel(kernel_id)
        )
        gone = asyncio.ensure_future(self.gone.wait())
        piece: asyncio.Future[Any] | None = None
        try:
            while True:
                piece = piece or asyncio.ensure_future(anext(pieces, None))
                await asyncio.wait({piece, gone}, timeout=self.dienst.grenzen.lebenszeichen,
                                   return_when=asyncio.FIRST_COMPLETED)  # fmt: skip
                if gone.done():
                    return
                if not piece.done():
                    self.write("<!-- -->")
                elif (found := piece.result()) is None:
                    return
                else:
                    self.write(found[0])
                    piece = None
                await self.flush()
        finally:
            gone.cancel()
            if piece is not None and not piece.done():
                piece.cancel()
                await asyncio.gather(piece, return_exceptions=True)

    def on_connection_close(self) -> None:
        """Note that the visitor has left."""
        self.gone.set()
        super().on_connection_close()

    def wait(self, notebook: str, parameter: Parameter) -> None:
        """Ask for patience: all kernels are in use."""
        seconds = self.dienst.grenzen.wartezeit
        ereignis("warteseite", notebook=notebook)
        again = self.dienst.live(notebook, parameter)
        report = self.dienst.bericht(notebook, parameter)
        content = Markup(
            '<section class="sa sv-seite" data-neuladen="{}" data-angehalten="{}"><h1>{}</h1><p>{}</p><p role="status" class="sv-warten">{}</p>'
            '<ul><li><a href="{}">{}</a></li><li><a rel="nofollow" href="{}">{}</a></li></ul>'
            '<p class="sv-anhalten" hidden><button type="button">{}</button></p></section>'
            '<script src="{}/sozial/sozial.js" defer></script>'
        ).format(
            seconds,
            text("serve.warten.angehalten"),
            text("serve.warten.titel"),
            text("serve.warten.was"),
            text("serve.warten.gleich", sekunden=str(seconds)),
            report,
            text("serve.warten.statisch" if report != "/" else "serve.fehler.start"),
            again,
            text("serve.warten.nochmal"),
            text("serve.warten.anhalten"),
            self.dienst.statisch,
        )
        self.set_status(503)
        self.set_header("Retry-After", str(seconds))
        self.render_page(text("serve.warten.titel"), str(content), aktiv=notebook)
