"""A live page: the notebook computed for one visitor while the page is being sent."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Hashable
from typing import Any

from nbformat import NotebookNode
from tornado import web
from tornado.iostream import StreamClosedError

from sozialanalyse.base import LaufFehler, ParameterFehler, text
from sozialanalyse.seiten import Parameter, seite
from sozialanalyse.serve import headers, notices
from sozialanalyse.serve.handlers import Abgewiesen, Handler
from sozialanalyse.serve.kernels import Auftrag, Gestartet, Kerne, Voll
from sozialanalyse.serve.logs import ereignis
from sozialanalyse.serve.notebook import bereite_vor
from sozialanalyse.serve.outputs import Seitenstand
from sozialanalyse.serve.renderer import Darsteller


class Live(Handler):
    """The page of one notebook with the parameters of the link."""

    gone: asyncio.Event

    async def prepare(self) -> None:  # type: ignore[override]
        """Refuse the guesses of browsers that load links ahead: a kernel is for a reader."""
        self.gone = asyncio.Event()
        purpose = self.request.headers.get("Sec-Purpose", "") + self.request.headers.get("Purpose", "")
        if "prefetch" in purpose:
            raise web.HTTPError(503)
        await super().prepare()
        self.set_header("X-Robots-Tag", "noindex, nofollow")
        self.set_header("Cache-Control", "no-store")

    async def get(self, notebook: str) -> None:
        """Show the page to whoever comes from one of our own pages, the finished report to all others."""
        parameter = self.checked(notebook)
        if self.request.headers.get("Sec-Fetch-Site") == "same-origin":
            await self.show(notebook, parameter)
        else:
            self.offer(notebook, parameter)

    async def post(self, notebook: str) -> None:
        """Show the page to whoever pressed the button, at an address that can be loaded again without asking."""
        parameter = self.checked(notebook)
        if self.request.headers.get("Sec-Fetch-Site") == "same-origin":
            self.redirect(self.request.uri or "/", status=303)
            return
        await self.show(notebook, parameter)

    def offer(self, notebook: str, parameter: Parameter) -> None:
        """Lead to the finished report, or ask for a press of a button, which no crawler makes.

        A browser that says that the link stands elsewhere (``Sec-Fetch-Site``) is led to the report. One
        that says nothing, as on a connection without TLS, may well come from the report itself.
        """
        report = self.dienst.bericht(notebook, parameter)
        if report != "/" and "Sec-Fetch-Site" in self.request.headers:
            self.redirect(report)
            return
        self.render_page(seite(notebook).name(), notices.tuer(self.dienst, notebook, parameter), aktiv=notebook)  # fmt: skip

    async def show(self, notebook: str, parameter: Parameter) -> None:
        """Start a kernel where one is needed and send the page cell by cell."""
        path, order = seite(notebook).quelle(self.dienst.notebooks), self.dienst.auftrag
        try:
            ready = bereite_vor(path, parameter, self.dienst.kern)
        except LaufFehler as error:
            raise Abgewiesen(500) from error
        key = (path, path.stat().st_mtime_ns, order, parameter.model_dump_json())
        async with self.dienst.gemerkt.seite(key, self.dienst.grenzen.gemeinsam) as stand:
            if self.gone.is_set():
                return
            renderer = self.renderer(ready, notebook, parameter, stand)
            await renderer.initialize()
            if renderer.braucht_kern:
                await self.compute(renderer, order, key, notebook, parameter)
            else:
                with contextlib.suppress(StreamClosedError):
                    await self.send(renderer, None)

    async def compute(
        self, renderer: Darsteller, order: Auftrag, key: Hashable, notebook: str, parameter: Parameter
    ) -> None:
        """Send a page through a kernel of its own, and keep what the next visitor need not compute."""
        kerne: Kerne = self.settings["kernel_manager"]
        try:
            kernel = await self.living(kerne, order)
        except Voll:
            self.wait(notebook, parameter)
            return
        try:
            await self.send(renderer, kernel)
            if renderer.fertig:
                self.dienst.gemerkt.merke(key, renderer.ausgaben)
        except StreamClosedError:
            self.gone.set()
        except BaseException:
            kerne.gib_frei(kernel.kernel_id, "fehler")
            raise
        if self.gone.is_set():
            kerne.gib_frei(kernel.kernel_id, "abgebrochen")
        elif renderer.bedienbar:
            kerne.ausgeliefert(kernel.kernel_id)
        else:
            kerne.gib_frei(kernel.kernel_id, "fertig")

    async def living(self, kerne: Kerne, order: Auftrag) -> Gestartet:
        """A kernel that answers, before anything is sent; one that died meanwhile is replaced once.

        Raises
        ------
        Voll
            If no place is free.
        Abgewiesen
            503 if kernels do not start.
        """
        for _ in range(2):
            kernel = kerne.beginne(order)
            try:
                if await (await kernel.bereit).manager.is_alive():
                    return kernel
            except asyncio.CancelledError:
                kerne.gib_frei(kernel.kernel_id, "abgebrochen")
                raise
            except Exception:
                logging.getLogger(__name__).exception("kernel did not start")
            kerne.gib_frei(kernel.kernel_id, "fehler")
        raise Abgewiesen(503)

    def checked(self, notebook: str) -> Parameter:
        """Return the checked parameters of the link.

        Raises
        ------
        Abgewiesen
            404 for an unknown notebook, 403 for an audience that is not served here, 400 for the rest.
        """
        if notebook not in self.dienst.angeboten:
            raise Abgewiesen(404)
        asked = {name: self.get_query_arguments(name) for name in self.request.query_arguments}
        back = self.dienst.live(notebook)
        if not all(self.dienst.darf(audience) for audience in asked.get("audience", [])):
            raise Abgewiesen(403, zurueck=back)
        try:
            parameter = self.dienst.parameter(notebook, asked)
        except ParameterFehler as error:
            ereignis("link_abgewiesen", notebook=notebook, maengel=len(str(error).splitlines()))
            raise Abgewiesen(400, str(error).splitlines(), back) from None
        if not self.dienst.darf(parameter.audience):
            raise Abgewiesen(403, zurueck=back)
        return parameter

    def renderer(
        self, ready: NotebookNode, notebook: str, parameter: Parameter, stand: Seitenstand | None
    ) -> Darsteller:
        """Return the renderer of this page."""
        vor, nach = self.dienst.rahmen(self.dienst.seitentitel(notebook, parameter), notebook)
        seite = {
            "vor": vor,
            "nach": nach,
            "bericht": self.dienst.bericht(notebook, parameter),
            "pdf": self.dienst.pdf(notebook, parameter),
            "statisch": self.dienst.statisch,
            "grenzen": self.dienst.grenzen,
            "skripte": self.dienst.skripte if stand and stand.bedienbar else (),
            "text": text,
        }
        return Darsteller(
            ready,
            seite,
            stand,
            self.dienst.dokumente,
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

    async def send(self, renderer: Darsteller, kernel: Gestartet | None) -> None:
        """Send the page in pieces; long cells are bridged by signs of life."""
        self.set_header("Content-Type", "text/html; charset=utf-8")
        self.set_header("Content-Security-Policy", headers.LIVE)
        self.set_header("X-Accel-Buffering", "no")
        pieces: AsyncIterator[tuple[str, Any]] = renderer.generate_content_generator(
            kernel.kernel_id if kernel else None, kernel.bereit if kernel else None
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
        self.set_status(503)
        self.set_header("Retry-After", str(seconds))
        content = notices.warten(
            self.dienst, notebook, parameter, still="warten" in self.request.query_arguments
        )
        self.render_page(text("serve.warten.titel"), content, aktiv=notebook)
