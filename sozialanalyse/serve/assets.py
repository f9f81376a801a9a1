"""Scripts and styles of the live pages: from memory, compressed once, kept by browsers for good."""

from __future__ import annotations

import gzip
import hashlib
import mimetypes
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from pathlib import Path

from jupyter_server.auth.decorator import allow_unauthenticated
from tornado import web

from sozialanalyse.serve.handlers import Handler

ENDUNGEN = (".js", ".css", ".woff", ".woff2", ".svg")


@lru_cache(maxsize=512)
def _content(path: Path) -> tuple[bytes, bytes]:
    body = path.read_bytes()
    return body, gzip.compress(body, 6, mtime=0)


def version(files: Iterable[Path]) -> str:
    """Short hash of some files; part of every address, because the names carry none."""
    digest = hashlib.sha256()
    for path in files:
        digest.update(path.name.encode() + path.read_bytes())
    return digest.hexdigest()[:12]


class Dateien(Handler):
    """One file below one of several roots."""

    def initialize(self, wurzeln: Mapping[str, Sequence[Path]]) -> None:
        """Take the folders to look in, by the first part of the address."""
        self.wurzeln = wurzeln

    @allow_unauthenticated
    def get(self, bereich: str, name: str) -> None:
        """Send a file; an unknown version gets the current one but no promise to last."""
        path = self.find(bereich, name)
        body, packed = _content(path)
        self.set_header("Content-Type", mimetypes.guess_type(path.name)[0] or "application/octet-stream")
        self.set_header("Cache-Control", "public, max-age=31536000, immutable")
        self.set_header("Vary", "Accept-Encoding")
        self.set_header("Cross-Origin-Resource-Policy", "cross-origin")  # a sandboxed frame has no origin
        if "gzip" in self.request.headers.get("Accept-Encoding", ""):
            self.set_header("Content-Encoding", "gzip")
            body = packed
        self.finish(body)

    def find(self, bereich: str, name: str) -> Path:
        """Return the file of that name that really lies below one of the folders."""
        if Path(name).suffix in ENDUNGEN:
            for root in self.wurzeln.get(bereich, ()):
                path = (root / name).resolve()
                if path.is_relative_to(root.resolve()) and path.is_file():
                    return path
        raise web.HTTPError(404)
