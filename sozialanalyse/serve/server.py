"""Put the service together, run it, end it."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import ipaddress
import os
import signal
import socket
import time
import webbrowser
from pathlib import Path

from jupyter_server.auth.authorizer import AllowAllAuthorizer
from tornado.httpserver import HTTPServer
from tornado.ioloop import PeriodicCallback
from tornado.web import Application
from xstatic.pkg import leaflet

from sozialanalyse.base import SozialanalyseFehler, text
from sozialanalyse.publish import kern, skriptordner
from sozialanalyse.serve import headers, logs
from sozialanalyse.serve.assets import Dateien, version
from sozialanalyse.serve.context import REDAKTION, Dienst
from sozialanalyse.serve.edit import Redaktion
from sozialanalyse.serve.handlers import NichtGefunden
from sozialanalyse.serve.identity import ANMELDEN, Alle, MitSchluessel
from sozialanalyse.serve.live import Beilage, Live
from sozialanalyse.serve.pages import Berichte, Favicon, Gesund, Glossar, Metriken, Rechtliches, Robots, Start


class ServerFehler(SozialanalyseFehler):
    """The service cannot start."""


def anwendung(dienst: Dienst) -> Application:
    """Return the application, ready to listen; the address of its scripts is told to ``dienst``."""
    folders = {"seite": skriptordner(), "leaflet": Path(leaflet.BASE_DIR)}
    known = sorted(folders["seite"].iterdir()) + [
        folders["leaflet"] / f"leaflet.{kind}" for kind in ("css", "js")
    ]
    dienst.statisch = f"/statisch/{version(known)}"
    identity = Alle() if dienst.audience == "oeffentlich" else MitSchluessel()
    return Application(
        [
            (r"/", Start),
            (r"/berichte/glossar\.html", Glossar),
            (r"/berichte/rechtliches\.html", Rechtliches),
            (r"/berichte/(.+)", Berichte, {"path": str(dienst.ergebnisse)}),
            *([(REDAKTION, Redaktion)] if dienst.audience == "intern" else []),
            (r"/live/([a-z0-9_-]+)", Live),
            (r"/live/([a-z0-9_-]+)/([0-9a-f]{32}(?:-[0-9]+)?\.[a-z]+)", Beilage),
            (r"/favicon\.ico", Favicon),
            (r"/gesund", Gesund),
            (r"/metriken", Metriken),
            (r"/robots\.txt", Robots),
            (r"/statisch/[0-9a-f]+/([a-z]+)/(.+)", Dateien, {"ordner": folders}),
            *identity.get_handlers(),
        ],
        default_handler_class=NichtGefunden,
        log_function=logs.anfrage,
        compress_response=True,
        headers=headers.ALLE,
        dienst=dienst,
        identity_provider=identity,
        authorizer=AllowAllAuthorizer(identity_provider=identity),
        allow_remote_access=True,
        base_url="/",
        login_url=ANMELDEN,
        cookie_secret=os.urandom(32),
    )


async def diene(dienst: Dienst, *, port: int, ip: str, browser: bool) -> None:
    """Serve until the process is asked to end."""
    app = anwendung(dienst)
    try:
        server = listen(app, port, ip)
        asked: asyncio.Queue[int] = asyncio.Queue()
        for number in (signal.SIGINT, signal.SIGTERM):
            with contextlib.suppress(NotImplementedError):  # Windows
                asyncio.get_running_loop().add_signal_handler(number, asked.put_nowait, number)
        warm = PeriodicCallback(lambda: asyncio.to_thread(kern.halte_warm), 1000 * dienst.grenzen.warm)
        warm.start()
        _announce(dienst, app, port, ip, browser)
        if await asked.get() == signal.SIGTERM:
            await _say_goodbye(dienst, asked)
        warm.stop()
        server.stop()
    finally:
        await asyncio.to_thread(dienst.nachfrage.beende)


async def _say_goodbye(dienst: Dienst, asked: asyncio.Queue[int]) -> None:
    """Take no new orders and finish those that somebody waits for; a second signal ends the patience."""
    dienst.nachfrage.nimmt_auf = False
    logs.ereignis("endet", offen=dienst.nachfrage.offen)
    until = time.monotonic() + dienst.grenzen.abschied
    while dienst.nachfrage.offen and asked.empty() and time.monotonic() < until:
        await asyncio.sleep(0.1)
    await asyncio.sleep(0.2)  # whoever waited has their page by now


def listen(app: Application, port: int, ip: str) -> HTTPServer:
    """Open the port.

    Raises
    ------
    ServerFehler
        If it is taken or forbidden.
    """
    local = ip == "localhost" or ipaddress.ip_address(ip).is_loopback
    try:
        opened = socket.create_server(
            (ip, port), family=socket.AF_INET6 if ":" in ip else socket.AF_INET, backlog=512
        )
    except OSError as error:
        reason = "belegt" if error.errno == errno.EADDRINUSE else "verweigert"
        raise ServerFehler(text(f"serve.port_{reason}", port=str(port), ip=ip)) from None
    limit = app.settings["dienst"].grenzen.anfrage
    server = HTTPServer(
        app, xheaders=local, max_body_size=limit
    )  # only a proxy on this machine is believed about the visitor
    opened.setblocking(False)
    server.add_socket(opened)
    return server


def _announce(dienst: Dienst, app: Application, port: int, ip: str, browser: bool) -> None:
    address = f"http://{ip if ':' not in ip else f'[{ip}]'}:{port}/"
    token = app.settings["identity_provider"].token
    if token:
        address += f"?token={token}"
    print(text("serve.bereit", adresse=address), text("serve.beenden"), sep="\n", flush=True)
    logs.ereignis("bereit", zielgruppe=dienst.audience, hoechstens=dienst.grenzen.wartend)
    if browser:
        webbrowser.open(address)
