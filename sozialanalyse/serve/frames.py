"""Maps to pan stand in frames; each document gets an address and a policy of its own.

A document written into the page itself would fall under the page's policy, which lets no script of an output
run. At its own address it may run the one script it was made with, in a sandbox without access to the page.
"""

from __future__ import annotations

import hashlib
import re
from base64 import b64encode
from collections import OrderedDict
from html import unescape

from sozialanalyse.region import Hintergrundkarte

_RAHMEN = re.compile(r'(<iframe\b[^>]*) srcdoc="([^"]*)"')
_SKRIPT = re.compile(r"<script>(.*?)</script>", re.DOTALL)


class Dokumente:
    """The documents asked for last, by the hash of their content, up to so many bytes."""

    def __init__(self, hoechstens: int) -> None:
        self.hoechstens = hoechstens
        self._found: OrderedDict[str, str] = OrderedDict()

    def hole(self, key: str) -> str | None:
        """Return a document if it is known."""
        if key in self._found:
            self._found.move_to_end(key)
        return self._found.get(key)

    def ausgelagert(self, html: str) -> str:
        """Return markup whose frames name an address instead of holding a document."""
        return _RAHMEN.sub(lambda frame: f'{frame[1]} src="/karte/{self._keep(unescape(frame[2]))}"', html)

    def _keep(self, document: str) -> str:
        key = hashlib.sha256(document.encode()).hexdigest()[:32]
        self._found[key] = document
        self._found.move_to_end(key)
        while sum(map(len, self._found.values())) > self.hoechstens:
            self._found.popitem(last=False)
        return key


def richtlinie(document: str, dienst: Hintergrundkarte | None) -> str:
    """Policy of one document: its own script, files from here, pictures from the map service of the region."""
    scripts = " ".join(f"'sha256-{_digest(script)}'" for script in _SKRIPT.findall(document))
    tiles = f" {dienst.herkunft}" if dienst and dienst.herkunft else ""
    return (
        f"sandbox allow-scripts; default-src 'none'; script-src 'self' {scripts}; "
        f"style-src 'self' 'unsafe-inline'; img-src 'self' data:{tiles}; base-uri 'none'; form-action 'none'; "
        "frame-ancestors 'self'"
    )


def _digest(script: str) -> str:
    return b64encode(hashlib.sha256(script.encode()).digest()).decode()
