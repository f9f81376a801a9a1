"""Parameters: the same model for batch, link and lab; refused with a sentence, never reinterpreted."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from sozialanalyse.base import yamlio
from sozialanalyse.base.errors import ParameterFehler, PruefFehler
from sozialanalyse.seiten import KeineWerte, adressen, laeufe, seite, seiten

PROJEKT = Path(__file__).parents[1]


@pytest.fixture
def vorrat(gebaut):
    return gebaut.daten()


@pytest.mark.parametrize("notebook", [name for name, kind in seiten().items() if not kind.freiwillig])
def test_defaults_are_valid(vorrat, notebook):
    assert seite(notebook).pruefe({}, vorrat).model_dump()["audience"] == "oeffentlich"


def test_good_values_stay_as_they_are(vorrat):
    found = seite("cluster").pruefe(
        {
            "stichtag": date(2021, 12, 31),
            "kommune": "05999004",
            "typen": 3,
            "themen": ["arbeit"],
            "sozialraum": "A 1a",
        },
        vorrat,
    )
    assert (found.stichtag, found.kommune, found.typen, found.themen) == (
        "2021-12-31",
        "05999004",
        3,
        ["arbeit"],
    )
    assert found.model_dump(mode="json")["sozialraum"] == "A 1a"


@pytest.mark.parametrize(
    ("notebook", "values", "sentence"),
    [
        ("cluster", {"komune": "05999004"}, "komune: Diese Angabe ist unbekannt. Gemeint ist vielleicht: „kommune“."),
        ("varianz", {"typen": 3}, "typen: Diese Angabe ist unbekannt."),
        ("cluster", {"kommune": 1415680}, "„1415680“ ist eine Zahl. Erwartet wird ein achtstelliger Amtlicher Gemeindeschlüssel. Bitte in Anführungszeichen setzen"),
        ("cluster", {"kommune": "5999004"}, "hat nicht die erwartete Form"),
        ("cluster", {"kommune": "05999999"}, "„05999999“ gibt es in Kreis Musterland nicht. Es gibt: „05999004 (Ahausen)“"),
        ("cluster", {"sozialraum": "A 9"}, "Das Gebiet „A 9“ gibt es nicht. Gemeint ist vielleicht: „A 2“"),
        ("cluster", {"sozialraum": 9}, "Erwartet wird Text, gefunden wurde die Zahl „9“."),
        ("cluster", {"stichtag": "2022-12-31"}, "Zum Stichtag „2022-12-31“ gibt es keine Daten. Gemeint ist vielleicht: „20"),
        ("cluster", {"stichtag": 2023}, "„2023“ ist kein Stichtag. Bitte als Text JJJJ-MM-TT schreiben"),
        ("cluster", {"themen": ["arbeitt"]}, "Das Thema „arbeitt“ gibt es nicht. Gemeint ist vielleicht: „arbeit“."),
        ("cluster", {"themen": "arbeit"}, "Erwartet wird eine Liste, gefunden wurde der Text „arbeit“."),
        ("cluster", {"indikatoren": ["AL0"]}, "Den Indikator „AL0“ gibt es nicht. Gemeint ist vielleicht: „ALO“."),
        ("cluster", {"typen": 1}, "Es können 2 bis 8 Typen gebildet werden"),
        ("cluster", {"typen": 3.0}, "Erwartet wird eine ganze Zahl, gefunden wurde die Zahl „3.0“. Möglich: „auto“."),
        ("cluster", {"typen": True}, "Erwartet wird eine ganze Zahl, gefunden wurde ein Wahrheitswert"),
        ("cluster", {"verfahren": "k-means"}, "„k-means“ ist hier nicht möglich. Möglich: „kmeans“, „ward“"),
        ("cluster", {"audience": "presse"}, "Möglich sind intern, oeffentlich und kommune:KENNUNG."),
        ("varianz", {"thema": "alles"}, "Das Thema „alles“ gibt es nicht."),
        ("varianz", {"gewichtung": ""}, "Möglich: „gebiete“, „bevoelkerung“."),
        ("clusters", {}, "Das Notebook „clusters“ gibt es nicht. Gemeint ist vielleicht: „cluster“."),
    ],
)  # fmt: skip
def test_refused_with_a_sentence(vorrat, notebook, values, sentence):
    with pytest.raises(ParameterFehler) as caught:
        seite(notebook).pruefe(values, vorrat)
    assert sentence in str(caught.value)
    assert "\n" not in str(caught.value)


def test_all_faults_at_once(vorrat):
    with pytest.raises(ParameterFehler) as caught:
        seite("cluster").pruefe({"typen": 99, "themen": ["x"], "komune": ""}, vorrat)
    assert len(str(caught.value).splitlines()) == 3


def test_links(vorrat):
    query = {
        "typen": ["3"],
        "themen": ["arbeit,demographie"],
        "indikatoren": ["ALO", "EW"],
        "kommune": ["05999004"],
        "stichtag": [""],
    }
    found = seite("cluster").aus_link(query, vorrat)
    assert (found.typen, found.themen, found.indikatoren) == (3, ["arbeit", "demographie"], ["ALO", "EW"])
    assert (found.kommune, found.stichtag) == ("05999004", "neuester")
    for wrong in ({"typen": ["drei"]}, {"x": ["1"]}, {"kommune": ["<script>"]}, {"typen": ["3.0"]}):
        with pytest.raises(ParameterFehler):
            seite("cluster").aus_link(wrong, vorrat)


def written(tmp_path, text: str):
    path = tmp_path / "varianz.yml"
    path.write_text(text, encoding="utf-8")
    return path


def test_runs_as_products(vorrat, tmp_path):
    path = written(
        tmp_path,
        """\
defaults: {gewichtung: gebiete}
runs:
  - name: gesamt
  - name: thema
    fuer: {thema: alle, stichtag: alle}
  - name: kommune
    fuer: {kommune: alle}
    werte: {gewichtung: bevoelkerung}
  - fuer: {thema: [arbeit]}
""",
    )
    found = laeufe(path.stem, vorrat, path.parent)
    assert [lauf.schluessel for lauf in found] == [
        "varianz/gesamt",
        "varianz/thema_demographie_2021-12-31", "varianz/thema_demographie_2023-12-31",
        "varianz/thema_arbeit_2021-12-31", "varianz/thema_arbeit_2023-12-31",
        "varianz/kommune_05999004", "varianz/kommune_05999008", "varianz/kommune_05999012",
        "varianz/arbeit",
    ]  # fmt: skip
    assert [lauf.parameter.gewichtung for lauf in found] == ["gebiete"] * 5 + ["bevoelkerung"] * 3 + [
        "gebiete"
    ]


@pytest.mark.parametrize(
    ("text", "line", "sentence"),
    [
        ("runs:\n  - fuer: {komune: alle}\n", 2, "Zu „komune“ gibt es kein „alle“. Gemeint ist vielleicht: „kommune“."),
        ("runs:\n  - fuer: {gewichtung: alle}\n", 2, "Zu „gewichtung“ gibt es kein „alle“."),
        ("runs:\n  - fuer: {komune: [a]}\n", 2, "komune: Diese Angabe ist unbekannt."),
        ("runs:\n  - fuer: {kommune: []}\n", 2, "mindestens 1 Einträge lang"),
        ("runs:\n  - fuer: {kommune: jede}\n", 2, "kommune"),
        ("runs: []\n", 1, "mindestens 1 Einträge lang"),
        ("runs:\n  - name: a\n  - name: a\n", 3, "Der Lauf „a“ steht zweimal da."),
        ("runs:\n  - name: a b\n", 2, "„a b“ hat nicht die erwartete Form."),
        ("runs:\n  - name: a\n    werte: {stichtag: 2023-06-30}\n", 2, "Zum Stichtag „2023-06-30“ gibt es keine Daten."),
        ("runs:\n  - name: a\n    werte: {kommune: 05999004}\n", 3, "beginnt mit einer Null"),
        ("runs:\n  - name: a\n    werte: {kommune: 1415680}\n", 2, "„1415680“ ist eine Zahl."),
        ("defaults: {gewichtun: gebiete}\nruns:\n  - name: a\n", 3, "gewichtun: Diese Angabe ist unbekannt."),
        ("laeufe: []\n", 1, "laeufe: Diese Angabe ist unbekannt."),
    ],
)  # fmt: skip
def test_faults_of_a_parameter_file(vorrat, tmp_path, text, line, sentence):
    with pytest.raises(PruefFehler) as caught:
        laeufe("varianz", vorrat, written(tmp_path, text).parent)
    assert sentence in str(caught.value)
    assert f"varianz.yml, Zeile {line}: " in str(caught.value)


def test_what_the_data_hold_no_value_of_is_told_and_left_out_of_alle(gebaut, tmp_path):
    """A topic without a single value on a date: a sentence for a link, no run for "alle"."""
    daten = gebaut.daten("oeffentlich")
    gone = (daten._werte["stichtag"] == "2021-12-31") & daten._werte["indikator_id"].isin(["ALO", "QUOTE"])
    daten._werte.loc[gone, "wert"] = float("nan")
    with pytest.raises(KeineWerte, match="keine Indikatoren mit Werten"):
        seite("varianz").pruefe({"thema": "arbeit", "stichtag": "2021-12-31"}, daten)
    page = tmp_path / "varianz.yml"
    page.write_text("runs: [{fuer: {thema: alle, stichtag: alle}}]", encoding="utf-8")
    assert [lauf.name for lauf in laeufe("varianz", daten, tmp_path)] == [
        "demographie_2021-12-31", "demographie_2023-12-31", "arbeit_2023-12-31",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("typed", "limits"), [("5; 7,5; 12", [5, 7.5, 12]), ("5,7.5,12", [5, 7.5, 12]), ("-1,5;", [-1.5])]
)
def test_limits_of_classes_as_they_are_typed(vorrat, typed, limits):
    found = seite("atlas").aus_link({"grenzen": [typed], "einteilung": ["quantil"]}, vorrat)
    assert (found.grenzen, found.einteilung) == (limits, "manuell")


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ({"grenzen": ["5; x"]}, "Klassengrenzen sind Zahlen, mit Semikolon getrennt"),
        ({"grenzen": ["7; 5"]}, "aufsteigende Zahlen"),
        ({"grenzen": ["nan"]}, "aufsteigende Zahlen"),
        ({"grenzen": ["1; inf"]}, "aufsteigende Zahlen"),
        ({"grenzen": ["-inf; 2"]}, "aufsteigende Zahlen"),
        ({"grenzen": ["1; 1e309"]}, "aufsteigende Zahlen"),
        ({"klassen": ["9" * 5000]}, "klassen"),
        ({"klassen": ["nan"]}, "klassen"),
        ({"einteilung": ["manuell"]}, "gehören „grenzen“"),
    ],
)
def test_wrong_limits_are_refused_with_a_sentence(vorrat, query, sentence):
    with pytest.raises(ParameterFehler, match=sentence):
        seite("atlas").aus_link(query, vorrat)


def test_area_of_former_boundaries_leads_to_its_successors(vorrat, monkeypatch):
    rows = [("alt:Z 9", "A 1a", 0.6, "2019-12-31"), ("alt:Z 9", "A 2", 0.4, "2019-12-31"), ("alt:Z 9", "W 1", 0.0, "2019-12-31"),
            ("bezirk:Z 8", "A 2", 1.0, "")]  # fmt: skip
    links = pd.DataFrame(rows, columns=["alt", "neu", "anteil", "gueltig_bis"])
    monkeypatch.setattr(type(vorrat), "umstiege", lambda self: links)
    name = vorrat.gebiete("sozialraum")["name"]["A 1a"]
    with pytest.raises(ParameterFehler) as said:
        seite("cluster").aus_link({"sozialraum": ["Z 9"]}, vorrat)
    assert f"Das Gebiet „Z 9“ gab es bis zum 31.12.2019. Heute liegt es in: „A 1a“ ({name}), „A 2“" in str(
        said.value
    )
    assert "W 1" not in str(said.value)
    with pytest.raises(ParameterFehler, match="gibt es nicht"):
        seite("cluster").aus_link({"sozialraum": ["Z 8"]}, vorrat)


def test_ids_that_would_share_an_address_get_pages_of_their_own():
    assert adressen(["10/1", "10-1", "10-1-2", "A 1", "a 1", "Ä"]) == {
        "10/1": "10-1", "10-1": "10-1-3", "10-1-2": "10-1-2", "A 1": "a-1", "a 1": "a-1-2", "Ä": "ä",
    }  # fmt: skip
    assert len(set(adressen(["+", "-", "#", "--", "- 2"]).values())) == 5


@pytest.mark.parametrize(
    "path", sorted((PROJEKT / "parameters" / "beispiele").glob("*.yml")), ids=lambda path: path.stem
)
def test_files_for_papermill_hold_parameters_of_their_page(vorrat, path):
    """Named after the notebook, as ``papermill -f`` takes them."""
    values = yamlio.lesen(path).inhalt
    assert seite(path.stem.partition("_")[0]).pruefe(values, vorrat).model_dump().items() >= values.items()
