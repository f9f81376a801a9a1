"""Put the service together, run it, end it."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import ipaddress
import os
import shutil
import signal
import socket
import sys
import tempfile
import time
import webbrowser
from importlib.resources import files
from pathlib import Path
from typing import Any

from jupyter_client.kernelspec import NATIVE_KERNEL_NAME, KernelSpecManager, NoSuchKernel
from jupyter_server.auth.authorizer import AllowAllAuthorizer
from jupyter_server.services.contents.largefilemanager import LargeFileManager
from tornado.httpserver import HTTPServer
from tornado.ioloop import PeriodicCallback
from tornado.web import Application
from traitlets.config import Config
from voila.configuration import VoilaConfiguration
from voila.paths import collect_static_paths, collect_template_paths
from voila.utils import get_page_config, get_voila_labextensions_path
from voila.voila_kernel_manager import voila_kernel_manager_factory
from xstatic.pkg import leaflet

from sozialanalyse.base import SozialanalyseFehler, text
from sozialanalyse.kernels import PromptKernelClient
from sozialanalyse.publish import skriptordner
from sozialanalyse.serve import headers, logs
from sozialanalyse.serve.assets import Dateien, version
from sozialanalyse.serve.channel import ERLAUBT, Kanal, KernBehalten, KernEnde, KernModell, Leitung
from sozialanalyse.serve.context import Dienst
from sozialanalyse.serve.handlers import NichtGefunden
from sozialanalyse.serve.identity import ANMELDEN, Alle, MitSchluessel
from sozialanalyse.serve.kernels import Kerne
from sozialanalyse.serve.live import Live
from sozialanalyse.serve.pages import Berichte, Gesund, Karte, Metriken, Rechtliches, Robots, Start, Symbol

KERN = "sozialanalyse"
VORLAGE = "sozial"
ERWEITERUNGEN = ("@jupyter-widgets/jupyterlab-manager", "@voila-dashboards/widgets-manager8")
SEITENWISSEN = (
    *("appVersion", "appUrl", "baseUrl", "fullStaticUrl", "fullLabextensionsUrl", "federated_extensions"),
    *("extensionConfig", "terminalsAvailable", "progressiveRendering"),
)
"""What the front end is told; paths, addresses of other servers and the like stay here."""
KENNUNG = r"([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})"


class ServerFehler(SozialanalyseFehler):
    """The service cannot start."""


def konfiguration(dienst: Dienst) -> Config:
    """Switches of Voila and Jupyter that differ from their defaults."""
    config = Config()
    voila = config.VoilaConfiguration
    voila.template, voila.theme = VORLAGE, "light"
    voila.allow_template_override = voila.allow_theme_override = "NO"
    voila.strip_sources, voila.show_tracebacks, voila.attempt_fix_notebook = True, False, False
    voila.extension_allowlist = list(ERWEITERUNGEN)
    config.VoilaExecutor.timeout = dienst.grenzen.zelle
    config.VoilaExecutor.startup_timeout = dienst.grenzen.kernstart
    config.VoilaExecutor.record_timing = False
    config.VoilaExporter.language_code = "de"
    config.KernelManager.autorestart = False
    config.KernelManager.client_factory = PromptKernelClient
    if sys.platform != "win32":
        config.KernelManager.transport = "ipc"
    return config


def kernname() -> str:
    """The warm kernel where it is installed, else the ordinary one."""
    try:
        KernelSpecManager().get_kernel_spec(KERN)
    except NoSuchKernel:
        return NATIVE_KERNEL_NAME
    return KERN


def vorlagenordner() -> Path:
    """Folder with our template, laid out as Jupyter looks for it."""
    return Path(str(files(__package__).joinpath("vorlage")))


def finde_vorlage() -> None:
    """Let Voila find our template without installing it anywhere."""
    own = str(vorlagenordner())
    named = os.environ.get("JUPYTER_PATH", "").split(os.pathsep)
    if own not in named:
        os.environ["JUPYTER_PATH"] = os.pathsep.join([own, *filter(None, named)])


def anwendung(dienst: Dienst, verbindungen: Path) -> Application:
    """Return the application, ready to listen.

    Parameters
    ----------
    dienst
        What is served; its address of scripts and its page configuration are filled in.
    verbindungen
        Private folder for the sockets of the kernels; short, a socket's path is.
    """
    finde_vorlage()
    config = konfiguration(dienst)
    voila = VoilaConfiguration(config=config)
    roots = {
        "voila": [Path(p) for p in collect_static_paths(["voila"], VORLAGE, prune=True)],
        "labextensions": [Path(p) for p in get_voila_labextensions_path()],
        "leaflet": [Path(leaflet.BASE_DIR)],
        "sozial": [vorlagenordner() / "voila" / "templates" / VORLAGE / "static", skriptordner()],
    }
    page = get_page_config("/", {}, logs.logger(), voila)
    dienst.kern = kernname()
    dienst.statisch = f"/statisch/{version(_entries(roots, page))}"
    dienst.page_config = {name: page[name] for name in SEITENWISSEN if name in page} | {
        "fullStaticUrl": f"{dienst.statisch}/voila",
        "fullLabextensionsUrl": f"{dienst.statisch}/labextensions",
        "fullMathjaxUrl": f"{dienst.statisch}/sozial/formeln.js",
    }
    entries = [f"labextensions/{found['name']}/{found['load']}" for found in page["federated_extensions"]]
    dienst.skripte = tuple(f"{dienst.statisch}/{name}" for name in ["voila/voila.js", *entries])
    manager = voila_kernel_manager_factory(Kerne, False, 0)(
        config=config,
        connection_dir=str(verbindungen),
        root_dir=str(dienst.notebooks),
        kernel_spec_manager=KernelSpecManager(config=config),
        allowed_message_types=list(ERLAUBT),
    )
    manager.grenzen = dienst.grenzen
    identity = Alle() if dienst.audience == "oeffentlich" else MitSchluessel()
    return Application(
        [
            (r"/", Start),
            (r"/berichte/rechtliches\.html", Rechtliches),
            (r"/berichte/(.+)", Berichte, {"path": str(dienst.ergebnisse)}),
            (r"/live/([a-z0-9_-]+)", Live),
            (r"/karte/([0-9a-f]{32})", Karte),
            (r"/favicon\.ico", Symbol),
            (r"/gesund", Gesund),
            (r"/metriken", Metriken),
            (r"/robots\.txt", Robots),
            (r"/statisch/[0-9a-f]+/([a-z]+)/(.+)", Dateien, {"wurzeln": roots}),
            (rf"/api/kernels/{KENNUNG}", KernModell),
            (rf"/api/kernels/{KENNUNG}/channels", Kanal),
            (rf"/api/kernels/{KENNUNG}/behalten", KernBehalten),
            (rf"/voila/api/shutdown/{KENNUNG}", KernEnde),
            *identity.get_handlers(),
        ],
        default_handler_class=NichtGefunden,
        log_function=logs.anfrage,
        compress_response=True,
        headers=headers.ALLE,
        dienst=dienst,
        config=config,
        voila_configuration=voila,
        template_paths=collect_template_paths(["voila", "nbconvert"], VORLAGE, prune=True),
        kernel_manager=manager,
        kernel_spec_manager=manager.kernel_spec_manager,
        contents_manager=LargeFileManager(root_dir=str(dienst.notebooks)),
        kernel_websocket_connection_class=Leitung,
        websocket_max_message_size=dienst.grenzen.nachricht,
        identity_provider=identity,
        authorizer=AllowAllAuthorizer(identity_provider=identity),
        allow_remote_access=True,
        base_url="/",
        login_url=ANMELDEN,
        cookie_secret=os.urandom(32),
    )


def _entries(roots: dict[str, list[Path]], page: dict[str, Any]) -> list[Path]:
    """The files whose change means that all scripts may have changed."""
    entries = [path for root in roots["sozial"] for path in sorted(root.iterdir())]
    entries += [roots["leaflet"][0] / name for name in ("leaflet.css", "leaflet.js")]
    entries += [found for root in roots["voila"] if (found := root / "voila.js").is_file()][:1]
    for extension in page["federated_extensions"]:
        candidates = (root / extension["name"] / extension["load"] for root in roots["labextensions"])
        entries += [path for path in candidates if path.is_file()][:1]
    return entries


async def diene(dienst: Dienst, *, port: int, ip: str, browser: bool) -> None:
    """Serve until the process is asked to end."""
    folder = Path(tempfile.mkdtemp(prefix="sa-", dir="/tmp" if Path("/tmp").is_dir() else None))
    app = anwendung(dienst, folder)
    kerne: Kerne = app.settings["kernel_manager"]
    try:
        server = listen(app, port, ip)
        asked: asyncio.Queue[int] = asyncio.Queue()
        for number in (signal.SIGINT, signal.SIGTERM):
            with contextlib.suppress(NotImplementedError):  # Windows
                asyncio.get_running_loop().add_signal_handler(number, asked.put_nowait, number)
        sweep = PeriodicCallback(kerne.runde, 1000 * dienst.grenzen.runde)
        sweep.start()
        stock = PeriodicCallback(lambda: kerne.halte_bereit(dienst.auftrag), 250)
        stock.start()
        _announce(dienst, app, port, ip, browser)
        first = await asked.get()
        stock.stop()
        if first == signal.SIGTERM:
            await _say_goodbye(kerne, asked)
        sweep.stop()
        server.stop()
    finally:
        await kerne.beende_alle()
        shutil.rmtree(folder, ignore_errors=True)


async def _say_goodbye(kerne: Kerne, asked: asyncio.Queue[int]) -> None:
    """Take no new visitors and wait for those here; a second signal ends the patience."""
    kerne.nimmt_auf = False
    logs.ereignis("endet", laufend=len(kerne.besuche))
    until = time.monotonic() + kerne.grenzen.abschied
    while kerne.besuche and asked.empty() and time.monotonic() < until:
        await asyncio.sleep(0.1)


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
    logs.ereignis("bereit", zielgruppe=dienst.audience, kern=dienst.kern, hoechstens=dienst.grenzen.kerne)
    if browser:
        webbrowser.open(address)
