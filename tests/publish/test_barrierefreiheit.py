"""Every kind of finished page through the checks from which the statement on accessibility is made."""

from __future__ import annotations

import inspect
import re
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
import yaml
from chromium import AXE, braucht_axe
from durchsicht import zugang
from seitenlauf import lege_seite, lege_startseite

from sozialanalyse.publish import einband
from sozialanalyse.publish.html import Rahmen
from sozialanalyse.publish.uebersicht import ANDERE, rechtliches
from sozialanalyse.seiten import seite
from sozialanalyse.seiten import seiten as alle_seiten

CHECKS = zugang()
WERTE: dict[str, dict[str, Any]] = {
    "atlas": {"indikator": "ALO", "vergleich": "AB65", "gebiete": ["A 2"]},
    "cluster": {},
    "varianz": {},
    "datenstand": {},
    "kommunalprofil": {"kommune": "05999012"},
    "sozialraumprofil": {"sozialraum": "A 2"},
    "themenreport": {"report": "arbeit"},
}
THEMA = "id: arbeit\ntitel: Arbeit\nfrage: Wer?\nfragen:\n  - {frage: Wo?, indikatoren: [ALO, QUOTE]}\n"
ARTEN = ("start", "glossar", "rechtliches", *WERTE)


@pytest.fixture(scope="module")
def seiten(tmp_path_factory: pytest.TempPathFactory, kleinregion_typ: Any) -> dict[str, Path]:
    """One page of each kind, of the tiny region."""
    root = tmp_path_factory.mktemp("zugang")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SOZIALANALYSE_DATEN", str(root / "daten"))
        patch.setenv("SOZIALANALYSE_REGION", str(root / "musterland"))
        patch.setenv("SOZIALANALYSE_STATISCH", "1")
        region = kleinregion_typ(root / "musterland").schreibe()
        (region.ordner / "themen").mkdir()
        (region.ordner / "themen" / "arbeit.yml").write_text(THEMA, "utf-8")
        region.build()
        daten = region.daten("oeffentlich")
        out = root / "aus"
        pages = {name: lege_seite(daten, out, name, **given) for name, given in WERTE.items()}
        return {
            **pages,
            "start": lege_startseite(daten, out, list(WERTE)),
            "glossar": out / "oeffentlich" / "glossar.html",
            "rechtliches": out / "oeffentlich" / "rechtliches.html",
        }


@pytest.mark.browser
@pytest.mark.langsam
@braucht_axe
@pytest.mark.parametrize("kind", ARTEN)
def test_each_kind_of_page_passes_every_check(browser: Any, seiten: dict[str, Path], kind: str) -> None:
    axe = Path(AXE or "").read_text(encoding="utf-8")
    found = {(name, width): faults for name, width, faults in CHECKS["pruefe"](browser, seiten[kind], axe)}
    assert {width for _, width in found} == {1280, 390, 0}
    assert {name for name, _ in found} >= {"geschlossen", "aufgeklappt", *CHECKS["WEITERE"]}
    if kind in ("atlas", "cluster", "kommunalprofil", "sozialraumprofil", "themenreport"):
        assert ("ausgewählt", 390) in found
    assert {key: faults for key, faults in found.items() if faults} == {}


FEHLER = {
    "schmal": '<p style="width: 90em">breit</p>',
    "zoom": '<p style="width: 4em; overflow: hidden; white-space: nowrap">abgeschnittener Text</p>',
    "tastatur": '<a href="#x" style="outline: none">ohne Rahmen</a>',
    "baum": "<h4>übersprungen</h4><button></button>",
    "bewegung": '<p style="transition: all 3s">bewegt</p>',
}


@pytest.mark.browser
@pytest.mark.parametrize("name", FEHLER)
def test_each_further_check_notices_its_fault(browser: Any, tmp_path: Path, name: str) -> None:
    check, kind = CHECKS["WEITERE"][name]
    for fault in ("", FEHLER[name]):
        page = tmp_path / "seite.html"
        page.write_text(
            '<!doctype html><html lang="de"><title>Seite</title><header>Kopf</header>'
            f"<main><h1>Titel</h1><p>Text</p>{fault}</main><footer>Fuß</footer></html>",
            "utf-8",
        )
        tab = CHECKS["oeffne"](browser, page, **kind)
        assert bool(check(tab)) == bool(fault)
        tab.context.close()


def test_statement_speaks_of_every_kind_of_page(kleinregion: Any) -> None:
    stored = files("sozialanalyse.publish").joinpath("barrierefreiheit.yml").read_text(encoding="utf-8")
    result = yaml.safe_load(stored)
    beside = re.findall(r'schreibe\("(\w+)\.html"', inspect.getsource(einband))
    assert {name.replace("index", "start") for name in beside} == set(ANDERE), "each page has a name there"
    kinds = {*ANDERE, *alle_seiten()} - {"index"}
    assert {check["seite"] for check in result["pruefungen"]} == kinds
    assert {(check["seite"], check["breite"]) for check in result["pruefungen"]} == {
        (kind, width) for kind in kinds for width in (1280, 390)
    }
    assert {(check["seite"], check["pruefung"]) for check in result["weitere"]} == {
        (kind, name) for kind in kinds for name in CHECKS["WEITERE"]
    }
    page = rechtliches(kleinregion.schreibe().region, Rahmen("Rechtliches", "Region", "Amt", ""))
    for word in (
        *(seite(kind).name() for kind in alle_seiten() if kind != "index"),
        "Glossar",
        "320 px",
        "Tabulatortaste",
        *result["nicht_vereinbar"],
    ):
        assert word in page, word


def test_statement_names_what_was_found(
    kleinregion: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    from sozialanalyse.publish import uebersicht

    (tmp_path / "barrierefreiheit.yml").write_text(
        "datum: 2026-11-26\nbrowser: Chromium 1\nwerkzeug: axe-core 4\npruefungen:\n"
        "  - {seite: atlas, zustand: geschlossen, breite: 390, seiten: 3, verstoesse: 2}\n"
        "  - {seite: varianz, zustand: geschlossen, breite: 390, seiten: 3, verstoesse: 0}\n"
        "weitere:\n  - {seite: atlas, pruefung: tastatur, seiten: 3, maengel: 1}\n"
        "nicht_vereinbar:\n  - Etwas anderes.\n", "utf-8")  # fmt: skip
    monkeypatch.setattr(uebersicht, "files", lambda _: tmp_path)
    page = rechtliches(kleinregion.schreibe().region, Rahmen("Rechtliches", "Region", "Amt", ""))
    assert "Dabei wurden 2 Verstöße gefunden." in page
    assert "ohne Falle: 1</li>" in page
    assert "<li>Indikatorenatlas: Bei der Prüfung wurden 3 Verstöße oder Mängel gefunden.</li>" in page
    assert "Unterschiede: Bei der Prüfung" not in page
