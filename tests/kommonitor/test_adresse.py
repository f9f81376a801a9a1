"""Files behind addresses, from a real server."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from sozialanalyse.base import NetzFehler, netz
from sozialanalyse.fetch import adresse
from sozialanalyse.region import UrlAbruf

TABELLE = "Gebiet;Einwohner\nA 1;1200\n"


class Handler(BaseHTTPRequestHandler):
    def log_message(self, *_: object) -> None: ...

    def do_GET(self) -> None:
        path = self.path.partition("?")[0].rstrip("/")
        pages = {
            "/ew.csv": ("text/csv", TABELLE),
            "/seite": ("text/html", "<!DOCTYPE html><html></html>"),
            "/leer": ("text/csv", ""),
        }
        if path == "/umzug":
            self.send_response(302)
            self.send_header("Location", "/ew.csv")
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        kind, text = pages.get(path, ("text/plain", ""))
        data = text.encode()
        self.send_response(200 if path in pages else 404)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    found = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=found.serve_forever, args=(0.02,), daemon=True).start()
    yield f"http://127.0.0.1:{found.server_port}"
    found.shutdown()
    found.server_close()


def abruf(address: str, **mehr: str) -> UrlAbruf:
    return UrlAbruf(quelle="url", datei="x/y.csv", adresse=address, **mehr)


@pytest.mark.parametrize("path", ["/ew.csv", "/umzug"])
def test_a_file_is_kept_as_it_is(server, path):
    place, content, origin = adresse.hole(abruf(server + path))
    assert (place, content.decode(), origin["server"]) == ("x/y.csv", TABELLE, server + path)


@pytest.mark.parametrize(
    ("path", "satz"),
    [("/fehlt", "keine Datei \\(404\\)"), ("/seite", "ist eine Webseite"), ("/leer", "Die Datei ist leer")],
)
def test_what_is_no_file_is_said(server, path, satz):
    with pytest.raises(NetzFehler, match=satz):
        adresse.hole(abruf(server + path))


def test_too_large_a_file_is_not_read(server, monkeypatch):
    monkeypatch.setattr(netz.Netz.__init__, "__kwdefaults__", {"groesste": 5, "warte": 5.0})
    with pytest.raises(NetzFehler, match="größer als"):
        adresse.hole(abruf(server + "/ew.csv"))
