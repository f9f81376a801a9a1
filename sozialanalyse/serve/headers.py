"""Security headers and content security policies of all answers."""

from __future__ import annotations

import hashlib
import re
from base64 import b64encode

from sozialanalyse.region import Hintergrundkarte

_COMMON = "base-uri 'none'; object-src 'none'; form-action 'self'; frame-ancestors 'self'"

SEITE = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    f"font-src 'self'; frame-src 'self'; connect-src 'self'; {_COMMON}"
)
"""Of finished pages. Styles may be inline because a report is one self-contained file."""

ALLE = {
    "Content-Security-Policy": SEITE,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Referrer-Policy": "same-origin",
    "Server": "sozialanalyse",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "SAMEORIGIN",
}
"""Sent with every answer; transport security is the business of the proxy that speaks TLS."""

_SKRIPT = re.compile(r"<script>(.*?)</script>", re.DOTALL)


def dokument(inhalt: str, dienst: Hintergrundkarte | None) -> str:
    """Policy of a document that stands in a frame of a page, in a sandbox without access to the page around it.

    Its own script may run, files come from here, pictures also from the map service of the region.
    """
    scripts = " ".join(f"'sha256-{_digest(script)}'" for script in _SKRIPT.findall(inhalt))
    tiles = f" {dienst.herkunft}" if dienst and dienst.herkunft else ""
    return (
        f"sandbox allow-scripts; default-src 'none'; script-src 'self' {scripts}; "
        f"style-src 'self' 'unsafe-inline'; img-src 'self' data:{tiles}; base-uri 'none'; form-action 'none'; "
        "frame-ancestors 'self'"
    )


def _digest(script: str) -> str:
    return b64encode(hashlib.sha256(script.encode()).digest()).decode()
