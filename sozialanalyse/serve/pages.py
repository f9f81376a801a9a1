"""Answers that need no computing: start page, reports of the batch, health, robots."""

from __future__ import annotations

import ipaddress
import time
from datetime import datetime
from pathlib import Path
from typing import cast

from jupyter_server.auth.decorator import allow_unauthenticated
from markupsafe import Markup
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from tornado import web

from sozialanalyse.base import VERSION, settings, text
from sozialanalyse.publish import FUER_LESENDE, glossar, rechtliches
from sozialanalyse.seiten import angeboten
from sozialanalyse.serve.handlers import Handler
from sozialanalyse.serve.metrics import OFFEN, REGISTER
from sozialanalyse.store import Daten

ALLE = "oeffentlich"
KOMMUNE = "kommune-"
"""How folders of results for one Kommune begin."""


def _audience(part: str) -> str:
    """Audience of what lies below a part of a path."""
    if part.startswith(KOMMUNE):
        return settings.audience_of(part)
    return "intern" if part == "intern" else ALLE


class Start(Handler):
    """The start page of the finished reports, or a list of the live pages before the first batch."""

    def get(self) -> None:
        """Lead to the reports, whose links count from their own folder, or list what there is."""
        if (self.dienst.oeffentlich / "index.html").is_file():
            self.redirect("/berichte/index.html")
            return
        self.list_live_pages()

    head = get

    def list_live_pages(self) -> None:
        """Show every notebook with what it answers."""
        words = self.dienst.daten.kontext().worte
        items = Markup("").join(
            Markup('<li><a rel="nofollow" href="{}">{}</a><br>{}</li>').format(
                self.dienst.live(kind.notebook), kind.name(), kind.wozu(**words)
            )
            for kind in angeboten(self.dienst.notebooks).values()
        )
        title = text("serve.startseite.titel", region=self.dienst.region.name)
        content = Markup(
            '<section class="sa sv-seite"><h1>{}</h1><p>{}</p><ul>{}</ul><p>{}</p></section>'
        ).format(title, text("serve.startseite.zweck"), items, text("serve.startseite.noch_keine"))
        self.set_header("Cache-Control", "no-store")
        self.render_page(text("serve.start"), str(content), aktiv="start")


class Berichte(Handler, web.StaticFileHandler):
    """The files of the finished reports."""

    async def prepare(self) -> None:  # type: ignore[override]
        """Refuse early what is not on the list."""
        await super().prepare()
        path = Path(self.path_args[0])
        hidden = any(part.startswith(".") or not part.isprintable() for part in path.parts)
        closed = not all(self.dienst.darf(_audience(part)) for part in path.parts)
        if hidden or closed or path.suffix.lower() not in FUER_LESENDE:
            raise web.HTTPError(404)

    async def get(self, path: str, include_body: bool = True) -> None:
        """Send a file; before the first batch other pages take the place of those that all links lead to."""
        first, _, rest = path.partition("/")
        if first == ALLE and rest:  # as pages on a disk link to each other; here everybody's have no folder
            self.redirect(f"/berichte/{rest}", permanent=True)
        elif path == "index.html" and not (self.dienst.oeffentlich / path).is_file():
            self.redirect("/")
        elif (
            rest == "gesamt.html"
            and first in self.dienst.angeboten
            and not (self.dienst.oeffentlich / path).is_file()
        ):
            self.redirect(self.dienst.live(first))
        else:
            await super().get(path, include_body)

    def parse_url_path(self, url_path: str) -> str:
        """File below all results; an address without a folder of some audience is everybody's."""
        open_page = _audience(url_path.partition("/")[0]) == ALLE
        return super().parse_url_path(f"{ALLE}/{url_path}" if open_page else url_path)

    def validate_absolute_path(self, root: str, absolute_path: str) -> str | None:
        """Refuse links that lead out of the folder."""
        if not Path(absolute_path).resolve().is_relative_to(Path(root).resolve()):
            raise web.HTTPError(404)
        return super().validate_absolute_path(root, absolute_path)

    def get_cache_time(self, path: str, modified: datetime | None, mime_type: str) -> int:
        """Zero: see below."""
        return 0

    def set_extra_headers(self, path: str) -> None:
        """Let copies be kept but asked about, so that nobody reads an old report."""
        public = self.dienst.audience == "oeffentlich"
        self.set_header("Cache-Control", "public, max-age=60" if public else "private, no-cache")


class Rechtliches(Handler):
    """The legal page every footer links to; open to everybody, as the law wants it."""

    @allow_unauthenticated
    def get(self) -> None:
        """Send the texts of the region."""
        self.set_header("Content-Type", "text/html; charset=utf-8")
        self.finish(rechtliches(self.dienst.region, self.dienst.seitenrahmen(text("serve.rechtliches"))))

    head = get


class Glossar(Handler):
    """The glossary every footer links to, also before the first batch."""

    def get(self) -> None:
        """Send words and indicators."""
        dienst = self.dienst
        made = {f"atlas/{path.name}" for path in (dienst.oeffentlich / "atlas").glob("*.html")}
        frame = dienst.seitenrahmen(text("publish.glossar.titel"))
        self.set_header("Content-Type", "text/html; charset=utf-8")
        self.finish(glossar(cast(Daten, dienst.daten), frame, made))

    head = get


class Gesund(Handler):
    """Health of the service for a monitor."""

    began = time.monotonic()

    @allow_unauthenticated
    def get(self) -> None:
        """Count pages in the making; nothing about visitors. Status 503 tells a balancer that the service ends."""
        nachfrage = self.dienst.nachfrage
        self.set_header("Cache-Control", "no-store")
        self.set_status(200 if nachfrage.nimmt_auf else 503)
        self.finish(
            {
                "status": "ok" if nachfrage.nimmt_auf else "endet",
                "offen": nachfrage.offen,
                "hoechstens": nachfrage.wartend,
                "bestand": self.dienst.daten.bestand["bestand"],
                "zielgruppe": self.dienst.audience,
                "version": VERSION,
                "sekunden": round(time.monotonic() - self.began),
            }
        )

    head = get


class Metriken(Handler):
    """Figures for a monitor on this machine; a proxy that names the visitor does not get them."""

    @allow_unauthenticated
    def get(self) -> None:
        """Send all figures."""
        remote = self.request.remote_ip or ""
        if "X-Forwarded-For" in self.request.headers or not ipaddress.ip_address(remote).is_loopback:
            raise web.HTTPError(404)
        OFFEN.set(self.dienst.nachfrage.offen)
        self.set_header("Content-Type", CONTENT_TYPE_LATEST)
        self.set_header("Cache-Control", "no-store")
        self.finish(generate_latest(REGISTER))


class Robots(Handler):
    """Tells crawlers to leave live pages alone."""

    @allow_unauthenticated
    def get(self) -> None:
        """Return robots.txt."""
        rule = "/live/" if self.dienst.audience == "oeffentlich" else "/"
        self.set_header("Content-Type", "text/plain; charset=utf-8")
        self.finish(f"User-agent: *\nDisallow: {rule}\n")


class Favicon(Handler):
    """Browsers ask for an icon by themselves; there is none."""

    @allow_unauthenticated
    def get(self) -> None:
        """Say so once a week."""
        self.set_header("Cache-Control", "public, max-age=604800")
        self.set_status(204)
        self.finish()
