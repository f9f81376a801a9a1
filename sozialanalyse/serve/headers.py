"""Security headers and content security policies of all answers."""

from __future__ import annotations

_COMMON = "base-uri 'none'; object-src 'none'; form-action 'self'; frame-ancestors 'self'"

SEITE = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    f"font-src 'self'; frame-src 'self'; connect-src 'self'; {_COMMON}"
)
"""Of finished pages. Styles may be inline because a report is one self-contained file."""

LIVE = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; "
    f"img-src 'self' data: blob:; font-src 'self'; frame-src 'self'; connect-src 'self'; {_COMMON}"
)
"""Of live pages: the widget library adds style elements; no inline script, no evaluation."""

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
