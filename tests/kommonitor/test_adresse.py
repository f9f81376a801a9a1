"""Files behind addresses and the features of OGC services, from real servers."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

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


@pytest.fixture(scope="module")
def dienste() -> Iterator[str]:
    """OGC API Features and WFS in a process of their own; GDAL would wait for itself otherwise."""
    command = [sys.executable, str(Path(__file__).with_name("ogc_fake.py"))]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as running:
        assert running.stdout is not None
        yield f"http://127.0.0.1:{running.stdout.readline().strip()}"
        running.terminate()


WEGE = {"ogc-api": ("oapif", "gebiete", "strassen"), "wfs": ("wfs", "kreis:gebiete", "kreis:strassen")}


@pytest.mark.parametrize("dienst", WEGE)
@pytest.mark.parametrize("ebene", [None, 1])
def test_all_pages_of_a_service_in_degrees(dienste, dienst, ebene):
    weg, *layers = WEGE[dienst]
    named = {} if ebene is None else {"ebene": layers[0]}
    _, content, origin = adresse.hole(abruf(f"{dienste}/gut/{weg}", dienst=dienst, **named))
    found = json.loads(content)["features"]
    got = [(one["properties"]["gebiet"], one["properties"]["einwohner"]) for one in found]
    assert got == [("A 1", 1000), ("A 2", 1010), ("A 3", 1020), ("A 4", 1030), ("A 5", 1040)]
    west, south = found[0]["geometry"]["coordinates"][0][0]
    assert (5 < west < 7, 49 < south < 51) == (True, True)
    assert (origin["quelle"], origin["ebene"]) == (dienst, layers[0])


@pytest.mark.parametrize(
    ("dienst", "art", "satz"),
    [
        *((dienst, art, satz) for dienst in WEGE for art, satz in {
            "html": "antwortet nicht als Dienst",
            "kaputt": "hat beim Lesen von .* abgebrochen; es wurde nichts abgelegt",
            "bricht": "hat beim Lesen von .* abgebrochen",
            "gekuerzt": "gibt von 5 Objekten 2 heraus",
            "leer": "enthält keine Objekte",
            "grad": "passen nicht zum Koordinatensystem, das der Dienst nennt \\(EPSG:4326\\)",
        }.items()),
        ("wfs", "verschwiegen", "gibt von 5 Objekten 2 heraus"),
        ("wfs", "erfunden", "kein bekanntes Koordinatensystem"),
    ],
)  # fmt: skip
def test_what_a_service_does_wrong_is_one_sentence(dienste, dienst, art, satz):
    with pytest.raises(NetzFehler, match=satz) as caught:
        adresse.hole(abruf(f"{dienste}/{art}/{WEGE[dienst][0]}", dienst=dienst))
    assert "\n" not in str(caught.value)
    assert str(caught.value).startswith("http")


@pytest.mark.parametrize("dienst", WEGE)
@pytest.mark.parametrize("ebene", [{}, {"ebene": "quartiere"}])
def test_collections_of_a_service_are_named(dienste, dienst, ebene):
    weg, first, second = WEGE[dienst]
    with pytest.raises(NetzFehler, match=f"bietet an: {first}, {second}. Bitte eine davon"):
        adresse.hole(abruf(f"{dienste}/mehrere/{weg}", dienst=dienst, **ebene))


def test_no_service_at_all():
    with pytest.raises(NetzFehler, match="antwortet nicht als Dienst"):
        adresse.hole(abruf("http://127.0.0.1:9/wfs", dienst="wfs"))
