"""The web service: finished pages and live ones, for one audience; JupyterLab, and the files that put both behind nginx."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sozialanalyse.base import tuer

if TYPE_CHECKING:
    from sozialanalyse.serve.dienst import starte
    from sozialanalyse.serve.limits import Grenzen
    from sozialanalyse.serve.server import ServerFehler
    from sozialanalyse.serve.start import lab_umgebung, richte_ein, serve

__all__ = ["Grenzen", "ServerFehler", "lab_umgebung", "richte_ein", "serve", "starte"]

__getattr__ = tuer(
    __name__,
    {
        "Grenzen": "limits",
        "ServerFehler": "server",
        "lab_umgebung": "start",
        "richte_ein": "start",
        "serve": "start",
        "starte": "dienst",
    },
)
