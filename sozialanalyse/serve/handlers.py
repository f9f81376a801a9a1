"""What all answers have in common: headers, origin check, German error pages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from jupyter_server.base.handlers import JupyterHandler
from markupsafe import Markup, escape
from tornado import web

from sozialanalyse.base import text
from sozialanalyse.publish import ganze_seite
from sozialanalyse.serve.context import Dienst

BEKANNT = (400, 403, 404, 405, 500, 503)


class Abgewiesen(web.HTTPError):
    """A request that cannot be met, with sentences for the reader."""

    def __init__(
        self,
        status: int,
        saetze: Sequence[str] = (),
        zurueck: str = "/",
        *,
        angaben: Mapping[str, Sequence[str]] | None = None,
    ) -> None:
        super().__init__(status)
        self.saetze = tuple(saetze)
        self.zurueck = zurueck
        self.angaben = angaben or {}
        """What the link asked for, of what the page knows; the reader mends what is wrong and keeps the rest."""

    @property
    def _geteilt(self) -> list[tuple[str, str, str]]:
        return [satz.partition(": ") for satz in self.saetze]

    @property
    def uebrige(self) -> list[str]:
        """Sentences that stand at no field of the form."""
        return ["".join(parts) for parts in self._geteilt if parts[0] not in self.angaben]

    def formular(self) -> Markup:
        """The link as a form: a field for each value that is refused, the others along unseen; empty without any."""
        wrong = {name: said for name, _, said in self._geteilt if name in self.angaben}
        if not wrong:
            return Markup("")
        hidden = [
            Markup('<input type="hidden" name="{}" value="{}">').format(name, value)
            for name, values in self.angaben.items()
            for value in values
            if name not in wrong
        ]
        fields = [
            Markup(
                '<div class="sa-feld"><label for="f-{0}">{1}</label><input id="f-{0}" name="{0}" type="text" value="{2}" '
                'autocomplete="off" aria-invalid="true" aria-describedby="f-{0}-h"><span class="sa-hilfe" id="f-{0}-h">{3}</span></div>'
            ).format(name, name.capitalize(), ",".join(self.angaben[name]), said)
            for name, said in wrong.items()
        ]
        return Markup('<form method="get" action="{}">{}{}<button type="submit">{}</button></form>').format(
            self.zurueck, Markup("").join(hidden), Markup("").join(fields), text("present.auswahl.anzeigen")
        )


class Handler(JupyterHandler):
    """Base of all answers."""

    @property
    def dienst(self) -> Dienst:
        """The running service."""
        return self.settings["dienst"]

    async def prepare(self) -> None:  # type: ignore[override]
        """Find out who asks; a key that came with the address is taken out of it."""
        if (pending := await super().prepare()) is not None:
            await pending
        query = parse_qsl(self.request.query, keep_blank_values=True)
        bare = [(name, value) for name, value in query if name != "token"]
        if self.token_authenticated and len(bare) < len(query) and not self._finished:
            self.redirect(self.request.path + (f"?{urlencode(bare)}" if bare else ""))

    def check_xsrf_cookie(self) -> None:
        """Refuse what another site makes a browser send; needs no cookie.

        Browsers name the origin of every POST. Where neither header is present the sender is no
        browser and acts for nobody but itself.
        """
        site = self.request.headers.get("Sec-Fetch-Site", "same-origin")
        origin = self.request.headers.get("Origin")
        foreign = origin is not None and urlsplit(origin).netloc != self.request.host
        if foreign or site not in ("same-origin", "none"):
            raise web.HTTPError(403)

    def render_page(self, titel: str, inhalt: str, *, aktiv: str = "") -> None:
        """Finish with one page in the common frame; ``inhalt`` is trusted markup."""
        self.set_header("Content-Type", "text/html; charset=utf-8")
        self.finish(ganze_seite(inhalt, self.dienst.seitenrahmen(titel, aktiv)))

    def log_exception(self, typ: Any, value: Any, tb: Any) -> None:
        """Log defects; a refusal stands in the access log already."""
        if not isinstance(value, web.HTTPError):
            super().log_exception(typ, value, tb)

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        """Say what happened, what helps and where to go on; nothing of the inside."""
        error = kwargs.get("exc_info", (None, None))[1]
        known = status_code if status_code in BEKANNT else (500 if status_code >= 500 else 400)
        sentences = error.uebrige if isinstance(error, Abgewiesen) else ()
        self.set_header("Cache-Control", "no-store")
        self.set_header("X-Robots-Tag", "noindex")
        if self.request.path.startswith("/api/"):
            self.finish({"meldung": text(f"serve.fehler.titel_{known}")})
            return
        items = Markup("").join(Markup("<li>{}</li>").format(sentence) for sentence in sentences)
        form = error.formular() if isinstance(error, Abgewiesen) else ""
        back = error.zurueck if isinstance(error, Abgewiesen) else "/"
        ways = Markup('<li><a href="{}">{}</a></li>').format("/", text("serve.fehler.start"))
        if back != "/":
            ways = Markup('<li><a rel="nofollow" href="{}">{}</a></li>').format(back, text("serve.fehler.ohne_angaben")) + ways  # fmt: skip
        title = text(f"serve.fehler.titel_{known}")
        content = Markup(
            '<section class="sa sa-auswahl sv-seite"><h1>{}</h1><p>{}</p>{}{}<p>{}</p><ul>{}</ul></section>'
        ).format(
            title,
            text(f"serve.fehler.was_{known}"),
            Markup('<ul class="sa-hinweis sa-hinweis-warnung sv-liste">{}</ul>').format(items)
            if items
            else "",
            form,
            text(f"serve.fehler.abhilfe_{known}"),
            ways,
        )
        self.render_page(str(escape(title)), str(content))


class NichtGefunden(Handler):
    """Any address there is nothing at."""

    def prepare(self) -> None:  # type: ignore[override]
        """Answer without asking who is there: nothing is told."""
        raise web.HTTPError(404)
