"""What a live page may say to its kernel: widget messages, nothing else."""

from __future__ import annotations

import json
import logging
from typing import Any

from jupyter_client.session import DELIM
from jupyter_server.services.kernels.connection.base import deserialize_msg_from_ws_v1
from jupyter_server.services.kernels.connection.channels import ZMQChannelsWebsocketConnection
from tornado import web
from voila.tornado.kernel_websocket_handler import VoilaKernelWebsocketHandler

from sozialanalyse.base import text
from sozialanalyse.serve.handlers import Handler
from sozialanalyse.serve.kernels import Kerne
from sozialanalyse.serve.logs import ereignis

ERLAUBT = ("comm_msg", "comm_close", "comm_open", "comm_info_request", "kernel_info_request")
"""Message types a page may send; none of them carries code."""
ZIELE = ("jupyter.widget.control",)
"""Comm targets a page may open: asking for the state of existing widgets, not making new ones."""
V1 = "v1.kernel.websocket.jupyter.org"
TEILE = 64
"""Parts of a message at most: six and the binary buffers of widgets."""


def darf(message: bytes | str, subprotocol: str | None) -> bool:
    """Whether a message from a page may reach the kernel; one that cannot be read may not.

    Only the binary protocol is spoken, which is the one our front end uses. Its head tells how many
    parts follow; that number is bounded here, because the libraries below believe any.
    """
    if subprotocol != V1 or not isinstance(message, bytes):
        return False
    offsets = int.from_bytes(message[:8], "little")
    if not 6 <= offsets <= TEILE or len(message) < 8 * (1 + offsets):
        return False
    try:
        channel, parts = deserialize_msg_from_ws_v1(message)
        header, content = json.loads(parts[0]), json.loads(parts[3])
        kind = header["msg_type"]
        target = content.get("target_name") if kind == "comm_open" else ZIELE[0]
    except (ValueError, KeyError, IndexError, TypeError, AttributeError, RecursionError):
        return False
    return channel == "shell" and kind in ERLAUBT and target in ZIELE


class Leitung(ZMQChannelsWebsocketConnection):  # type: ignore[misc]
    """What a kernel says to its page: nothing of the inside when something fails there."""

    def handle_outgoing_message(self, stream: str, outgoing_msg: list[Any]) -> None:
        """Hand on a message; printed text is left out and of an error only a German sentence is told."""
        parts = list(outgoing_msg)
        body = parts.index(DELIM) + 2  # behind the signature: header, header of the cause, metadata, content
        kind = json.loads(bytes(parts[body]))["msg_type"]
        if kind == "stream":
            return
        if kind == "error":
            ereignis("bedienung_gescheitert", logging.WARNING)
            said = text("serve.live.bedienung_fehler")
            told = {"ename": "Fehler", "evalue": said, "traceback": [said]}
            parts[body + 3] = json.dumps(told, ensure_ascii=False).encode()
        super().handle_outgoing_message(stream, parts)


class Kanal(VoilaKernelWebsocketHandler):
    """The connection of a page with its kernel."""

    @property
    def kerne(self) -> Kerne:
        """The kernels of the service."""
        return self.settings["kernel_manager"]

    async def pre_get(self) -> None:
        """Refuse what is no visitor's kernel before anything is opened."""
        if self.get_origin() is None:  # every browser names it; a wrong one is refused below
            raise web.HTTPError(403)
        if self.kernel_id not in self.kerne.besuche:
            raise web.HTTPError(404)
        await super().pre_get()

    async def open(self, kernel_id: str) -> None:
        """Connect."""
        self.kerne.verbunden(kernel_id, self)
        await super().open(kernel_id)

    def on_message(self, ws_message: bytes | str) -> None:
        """Hand on what is allowed; anything else ends the connection."""
        if not darf(ws_message, self.selected_subprotocol):
            ereignis("nachricht_abgewiesen", logging.WARNING)
            self.close(1008)
            return
        super().on_message(ws_message)

    def on_close(self) -> None:
        """Disconnect."""
        self.kerne.getrennt(self.kernel_id, self)
        if getattr(self, "connection", None) is not None:
            super().on_close()

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        """Refuse without a page."""
        self.finish()


class KernModell(Handler):
    """Tells a page that its kernel exists; the front end asks before it connects."""

    def get(self, kernel_id: str) -> None:
        """Return the least the front end needs."""
        kerne: Kerne = self.settings["kernel_manager"]
        if kernel_id not in kerne.besuche:
            raise web.HTTPError(404)
        self.set_header("Cache-Control", "no-store")
        self.finish({"id": kernel_id, "name": "python"})


class KernEnde(Handler):
    """A page says goodbye."""

    def post(self, kernel_id: str) -> None:
        """Free the kernel; the unguessable id is the right to do so. 404 sends a proxy to the next instance."""
        kerne: Kerne = self.settings["kernel_manager"]
        if kernel_id not in kerne.besuche:
            raise web.HTTPError(404)
        kerne.gib_frei(kernel_id, "geschlossen")
        self.set_status(204)
        self.finish()


class KernBehalten(Handler):
    """A reader who was told that the page has been unused for long wants to go on."""

    def post(self, kernel_id: str) -> None:
        """Keep the kernel; 404 tells that it is too late."""
        if not self.settings["kernel_manager"].behalte(kernel_id):
            raise web.HTTPError(404)
        self.set_status(204)
        self.finish()
