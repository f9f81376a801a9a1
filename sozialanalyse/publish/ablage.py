"""Where results are put: a folder, or any fsspec URL such as ``s3://bucket/berichte``.

Names are relative, with ``/``. A reader sees the old or the new content, never a part: in a folder it
is written beside and renamed, an object store replaces an object as a whole.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from contextlib import suppress
from functools import cached_property
from pathlib import Path
from typing import Any
from uuid import uuid4

from sozialanalyse.base import eigener_ordner, octets, write_beside

FUER_LESENDE = (
    ".html",
    ".css",
    ".js",
    ".csv",
    ".xlsx",
    ".geojson",
    ".pdf",
    ".docx",
    ".pptx",
    ".png",
    ".svg",
    ".woff2",
)
"""Endings of what is handed out of the results; notebooks, records and everything hidden is not."""


class Ablage:
    """A place for results.

    Parameters
    ----------
    ort
        Folder, or a URL with ``://`` that fsspec understands. Access data of an object store come from
        its usual environment variables, never from here.
    """

    def __init__(self, ort: str | Path) -> None:
        self.ort = str(ort)
        self.fern = "://" in self.ort and not self.ort.startswith("file://")
        self.ordner = Path(self.ort.removeprefix("file://"))

    def __str__(self) -> str:
        return self.ort.rstrip("/")

    @cached_property
    def _store(self) -> tuple[Any, str]:
        import fsspec

        system, root = fsspec.core.url_to_fs(self.ort)
        return system, str(root).rstrip("/")

    def unter(self, ordner: str) -> Ablage:
        """The place below a folder of this one."""
        return Ablage(f"{self}/{ordner.rstrip('/')}")

    def verschliesse(self, ordner: str) -> None:
        """Make a folder here that only its owner may look into; an object store has rights of its own."""
        if not self.fern:
            eigener_ordner(self.ordner / ordner)

    def adresse(self, name: str) -> str:
        """A name in full, for people."""
        return f"{self}/{name}" if self.fern else str(self.ordner / name)

    def schreibe(self, name: str, inhalt: str | bytes) -> None:
        """Write a file.

        Raises
        ------
        OSError
            If it cannot be written; what was there before is still there.
        """
        if self.fern:
            system, root = self._store
            try:
                system.pipe_file(f"{root}/{name}", octets(inhalt))
            except OSError:
                raise
            except Exception as error:  # every kind of store has errors of its own
                raise OSError(f"{type(error).__name__}: {error}") from error
            return
        path = self.ordner / name
        path.parent.mkdir(parents=True, exist_ok=True)
        write_beside(path, inhalt)

    def lies(self, name: str) -> str | None:
        """Content of a text, None if there is none."""
        return self.lies_alle([name]).get(name)

    def lies_alle(self, namen: Iterable[str]) -> dict[str, str]:
        """Contents of those names that exist; an object store is asked for all of them at once."""
        if not self.fern:
            found = {}
            for name in namen:
                with suppress(FileNotFoundError, NotADirectoryError):
                    found[name] = (self.ordner / name).read_text(encoding="utf-8")
            return found
        system, root = self._store
        there = self.namen()
        paths = {f"{root}/{name}": name for name in namen if name in there}
        contents = system.cat(list(paths), on_error="omit") if paths else {}
        return {paths[str(path)]: content.decode() for path, content in contents.items()}

    def lies_datei(self, name: str) -> bytes:
        """Content of a file that exists."""
        if not self.fern:
            return (self.ordner / name).read_bytes()
        system, root = self._store
        return bytes(system.cat_file(f"{root}/{name}"))

    def namen(self, unter: str = "") -> set[str]:
        """Names of everything below a folder."""
        if self.fern:
            system, root = self._store
            system.invalidate_cache()
            found = system.find(f"{root}/{unter}".rstrip("/"))
            return {str(path).removeprefix(f"{root}/") for path in found}
        base = self.ordner / unter
        return {
            (Path(folder) / name).relative_to(self.ordner).as_posix()
            for folder, _, names in os.walk(base)
            for name in names
            if not name.startswith(".")
        }

    def hat(self, name: str) -> bool:
        """Whether there is something of that name."""
        if not self.fern:
            return (self.ordner / name).exists()
        system, root = self._store
        return bool(system.exists(f"{root}/{name}"))

    def pruefe(self) -> None:
        """Find out now whether anything can be written here.

        Raises
        ------
        OSError
            If not.
        """
        probe = f".probe-{uuid4().hex[:8]}"
        self.schreibe(probe, "x" * 4096)
        self.loesche(probe)

    def loesche(self, name: str) -> None:
        """Remove a text if it exists."""
        if not self.fern:
            (self.ordner / name).unlink(missing_ok=True)
            return
        system, root = self._store
        with suppress(FileNotFoundError):
            system.rm_file(f"{root}/{name}")
