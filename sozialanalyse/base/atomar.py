"""Files written as a whole."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from uuid import uuid4


def write_beside(path: Path, inhalt: str | bytes) -> None:
    """Write a file beside and rename it; readers see the old or the new one, a failure leaves nothing."""
    beside = path.with_name(f".{path.name[:200]}.{uuid4().hex[:8]}.neu")
    try:
        beside.write_bytes(octets(inhalt))
        beside.replace(path)
    except BaseException:
        with suppress(OSError):
            beside.unlink(missing_ok=True)
        raise


def octets(inhalt: str | bytes) -> bytes:
    """Bytes of a text or of bytes."""
    return inhalt.encode() if isinstance(inhalt, str) else inhalt
