"""A page with the parameters of its link: sent if it is kept, else made once for everybody who asks."""

from __future__ import annotations

import asyncio

from tornado import web

from sozialanalyse.base import ParameterFehler, text
from sozialanalyse.publish import Bestellung, Voll
from sozialanalyse.seiten import Parameter, seite
from sozialanalyse.serve import headers, notices
from sozialanalyse.serve.assets import sende
from sozialanalyse.serve.handlers import Abgewiesen, Handler
from sozialanalyse.serve.logs import ereignis

DOKUMENT = ("document", "iframe", "frame", "empty", "")
"""What a browser says a reader's page is for (``Sec-Fetch-Dest``); pictures and scripts are none."""


class Live(Handler):
    """The page of one notebook with the parameters of the link."""

    async def prepare(self) -> None:  # type: ignore[override]
        """Live pages belong in no search engine."""
        await super().prepare()
        self.set_header("X-Robots-Tag", "noindex, nofollow")
        self.set_header("Cache-Control", "private, no-cache")

    async def get(self, notebook: str) -> None:
        """Send the page, or tell how far it is."""
        parameter = self.checked(notebook)
        path = self.dienst.nachfrage.finde(self.dienst.ziel(notebook, parameter))
        if path is None:
            self.refuse_guesses()
            try:
                bestellung = self.dienst.nachfrage.bestelle(self.dienst.auftrag(notebook, parameter))
            except Voll:
                return self.wait(notebook, parameter, None)
            fertig = asyncio.wrap_future(bestellung.fertig)
            fertig.add_done_callback(
                lambda done: done.cancelled() or done.exception()
            )  # also if nobody waits
            await asyncio.wait({fertig}, timeout=self.dienst.grenzen.geduld)
            if not fertig.done():
                return self.wait(notebook, parameter, bestellung)
            if fertig.cancelled() or fertig.exception():
                raise Abgewiesen(500, zurueck=self.dienst.live(notebook))
            path = fertig.result()
        sende(self, path, path.stem)

    def refuse_guesses(self) -> None:
        """Make no page for browsers that load links ahead, nor for pictures of other sites that name one."""
        purpose = self.request.headers.get("Sec-Purpose", "") + self.request.headers.get("Purpose", "")
        if "prefetch" in purpose or self.request.headers.get("Sec-Fetch-Dest", "") not in DOKUMENT:
            raise web.HTTPError(503)

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
            known = seite(notebook).parameter.model_fields
            kept = {name: values for name, values in asked.items() if name in known}
            raise Abgewiesen(400, str(error).splitlines(), back, angaben=kept) from None
        if not self.dienst.darf(parameter.audience):
            raise Abgewiesen(403, zurueck=back)
        return parameter

    def wait(self, notebook: str, parameter: Parameter, bestellung: Bestellung | None) -> None:
        """Ask for patience: the page is being made, or (None) no more pages are taken for now."""
        limits = self.dienst.grenzen
        seconds = limits.neuladen if bestellung else limits.wartezeit
        still = "warten" in self.request.query_arguments
        if bestellung is None:
            ereignis("warteseite", notebook=notebook)
            self.set_status(503)
            self.set_header("Retry-After", str(seconds))
        else:
            self.set_status(202)
        if not still:
            self.set_header("Refresh", str(seconds))
        self.set_header("Cache-Control", "no-store")
        content = notices.warten(self.dienst, notebook, parameter, bestellung, still=still)
        self.render_page(text("serve.warten.kurz"), content, aktiv=notebook)


class Beilage(Handler):
    """A file beside a kept page: its table, its PDF, the document of a frame on it."""

    def get(self, notebook: str, name: str) -> None:
        """Send it, under its own policy if it is a document."""
        ziel, endung = name[:32], name[32:]
        path = self.dienst.nachfrage.finde(f"{notebook}/{ziel}", endung)
        if path is None or endung == ".html":  # the page itself has an address with its parameters
            raise web.HTTPError(404)
        self.set_header("X-Robots-Tag", "noindex, nofollow")
        self.set_header("Cache-Control", "private, max-age=3600")
        if endung.endswith(".html"):
            tiles = self.dienst.region.seite.hintergrundkarte
            self.set_header(
                "Content-Security-Policy", headers.dokument(path.read_text(encoding="utf-8"), tiles)
            )
        else:
            self.set_header("Content-Disposition", f'inline; filename="{notebook}{endung}"')
        sende(self, path, path.stem)
