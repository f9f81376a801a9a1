"""Controls of pages: made from what may be chosen, checked like a link, renewing what is in sight."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ipywidgets import Dropdown, Text

from sozialanalyse.base import ParameterFehler
from sozialanalyse.present import Anzeige
from sozialanalyse.seiten import seite, seiten
from sozialanalyse.seiten.grundlage import bedienung
from sozialanalyse.seiten.werkstatt import WerkstattBericht

PROJEKT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def umgebung(_vorlage: Path) -> Path:
    return _vorlage


@pytest.fixture(autouse=True)
def vor_voila(umgebung: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOZIALANALYSE_REGION", str(umgebung / "musterland"))
    monkeypatch.setenv("SOZIALANALYSE_DATEN", str(umgebung / "daten"))
    monkeypatch.setenv("SERVER_SOFTWARE", "voila/0")


@pytest.fixture
def gesendet(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """What a notebook would show."""
    sent: list[dict[str, Any]] = []
    monkeypatch.setattr("IPython.display.publish_display_data", sent.append)
    return sent


def zeige(bericht: Any, *namen: str) -> None:
    for name in namen:
        getattr(bericht, name)()._ipython_display_()


def test_a_control_renews_what_is_in_sight_and_the_page_itself(gesendet: list[dict[str, Any]]) -> None:
    bericht = seite("atlas")(stichtag="2021-12-31")
    zeige(bericht, "kopf", "kurzfassung")
    bericht.auswahl()
    felder = bericht.bedienung.felder
    assert felder["stichtag"].options == (("31.12.2023", "2023-12-31"), ("31.12.2021", "2021-12-31"))
    assert isinstance(felder["indikator"], Dropdown)
    assert isinstance(felder["gebiete"], Text)
    before = gesendet[0]["text/html"]
    assert "31.12.2021" in before
    felder["stichtag"].value = "2023-12-31"
    assert (bericht.p.stichtag, bericht.stichtag) == ("2023-12-31", "2023-12-31")
    assert 'data-adresse="?stichtag=2023-12-31' in bericht.bedienung.stand.value
    assert "31.12.2023" in bericht.kopf().html
    assert len(gesendet) == 2, "renewed in its place, not shown again"


def test_what_the_model_refuses_is_told_and_changes_nothing(gesendet: list[dict[str, Any]]) -> None:
    bericht = seite("atlas")()
    zeige(bericht, "kurzfassung")
    bericht.auswahl()
    bericht.bedienung.felder["grenzen"].value = "viele"
    assert "Klassengrenzen sind Zahlen" in bericht.bedienung.stand.value
    assert bericht.p.grenzen == []
    bericht.bedienung.felder["grenzen"].value = "5; 7,5"
    assert bericht.p.grenzen == [5, 7.5]


def test_the_address_chooses_and_the_notebook_keeps_the_audience(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QUERY_STRING", "kommune=05999008&token=x&template=lab")
    bericht = seite("kommunalprofil")(kommune="05999004")
    assert bericht.p.kommune == "05999008"
    assert seite("kommunalprofil")(kommune="05999004").p.kommune == "05999004", "the first page alone"
    for query, told in [
        ("audience=intern", "nicht über die Adresse"),
        ("komune=1", "Gemeint ist vielleicht: „kommune“"),
    ]:
        monkeypatch.setenv("QUERY_STRING", query)
        with pytest.raises(ParameterFehler, match=told):
            seite("kommunalprofil")()


@pytest.mark.parametrize("name", ["SOZIALANALYSE_STATISCH", "SOZIALANALYSE_DATEIEN"])
def test_nobody_in_front_no_controls(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, "1")
    assert not bedienung.wird_bedient()
    bericht = seite("varianz")()
    assert (type(bericht.auswahl()), type(bericht.kopf())) == (Anzeige, Anzeige)


def test_a_number_is_a_key_where_only_one_reads_so(monkeypatch: pytest.MonkeyPatch) -> None:
    assert seite("kommunalprofil")(kommune=5999008).p.kommune == "05999008"
    with pytest.raises(ParameterFehler, match="Bei papermill hilft -r statt -p"):
        seite("kommunalprofil")(kommune=1415680)
    monkeypatch.setattr(bedienung, "wird_bedient", lambda: False)
    page = seite("kommunalprofil").parameter
    assert page.model_validate({"kommune": "05999008"}).kommune == "05999008"


def test_dashboard_says_what_the_pages_say(gesendet: list[dict[str, Any]]) -> None:
    bericht = WerkstattBericht()
    zeige(bericht, "kopf", "antwort", "karten", "figur")
    bericht.auswahl()
    felder = bericht.bedienung.felder
    assert list(felder) == ["stichtag", "indikator", "typen", "gewichtung", "kommune"]
    felder["indikator"].value = "ALO"
    felder["kommune"].value = "05999004"
    said = seite("varianz")(kommune="05999004")
    answer = bericht.antwort().html
    for sentence in seite("atlas")(indikator="ALO", kommune="05999004").kurzfassung().tabelle["satz"]:
        assert sentence.split(" „")[0] in answer
    assert said.satz("ALO").split(" „")[0] in answer
    assert "Ahausen: " in answer
    assert "Arbeitslosenanteil je Gebiet und Kommune" in bericht.figur().html
    assert bericht.karten().html.count("<svg") >= 1
    assert 'href="#werte"' not in bericht.karten().html, "no link to a table that is not there"


@pytest.mark.parametrize("name", sorted(seiten()))
def test_a_page_with_controls_shows_them_in_its_notebook(name: str) -> None:
    """A page that knows what may be chosen, and whose notebook never asks, has no controls at all."""
    kind = seite(name)
    content = kind.quelle(PROJEKT / "notebooks").read_text(encoding="utf-8")
    assert hasattr(kind, "auswahl") == ("bericht.auswahl()" in content)
