"""Files the service sends: scripts and styles from memory, kept by browsers for good, and pages that are kept."""

from __future__ import annotations

import gzip
import hashlib
import mimetypes
from collections.abc import Iterable, Mapping
from functools import lru_cache
from pathlib import Path

from jupyter_server.auth.decorator import allow_unauthenticated
from tornado import web

from sozialanalyse.serve.handlers import Handler

ENDUNGEN = (".js", ".css", ".woff", ".woff2", ".svg")
GEPACKT = (".js", ".css", ".svg", ".html", ".csv")


@lru_cache(maxsize=64)
def _content(path: Path, _changed: int) -> tuple[bytes, bytes]:
    body = path.read_bytes()
    return body, gzip.compress(body, 6, mtime=0) if path.suffix in GEPACKT else b""


def sende(handler: Handler, path: Path, marke: str = "") -> None:
    """Finish with a file, packed once for all who ask.

    Parameters
    ----------
    marke
        Name of the content, by which a browser asks whether it has changed.
    """
    kind = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    handler.set_header("Content-Type", f"{kind}; charset=utf-8" if kind.startswith("text/") else kind)
    handler.set_header("Vary", "Accept-Encoding")
    if marke:
        handler.set_header("Etag", f'"{marke}"')
    if marke and handler.check_etag_header():
        handler.set_status(304)
        handler.finish()
        return
    body, packed = _content(path, path.stat().st_size)
    if packed and "gzip" in handler.request.headers.get("Accept-Encoding", ""):
        handler.set_header("Content-Encoding", "gzip")
        body = packed
    handler.finish(body)


def version(files: Iterable[Path]) -> str:
    """Short hash of some files; part of every address, because the names carry none."""
    digest = hashlib.sha256()
    for path in files:
        digest.update(path.name.encode() + path.read_bytes())
    return digest.hexdigest()[:12]


class Dateien(Handler):
    """One file below one of several folders."""

    def initialize(self, ordner: Mapping[str, Path]) -> None:
        """Take the folders to look in, by the first part of the address."""
        self.ordner = ordner

    @allow_unauthenticated
    def get(self, bereich: str, name: str) -> None:
        """Send a file; an unknown version gets the current one."""
        path = self.find(bereich, name)
        self.set_header("Cache-Control", "public, max-age=31536000, immutable")
        self.set_header("Cross-Origin-Resource-Policy", "cross-origin")  # a sandboxed frame has no origin
        sende(self, path)

    def find(self, bereich: str, name: str) -> Path:
        """Return the file of that name that really lies in that folder."""
        root = self.ordner.get(bereich, Path()).resolve()
        path = (root / name).resolve()
        if (
            bereich in self.ordner
            and path.suffix in ENDUNGEN
            and path.is_relative_to(root)
            and path.is_file()
        ):
            return path
        raise web.HTTPError(404)
