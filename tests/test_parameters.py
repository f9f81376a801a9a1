"""Parameters: the same model for batch, link and lab; refused with a sentence, never reinterpreted."""

from __future__ import annotations

from datetime import date

import pytest

from sozialanalyse.errors import ParameterFehler, PruefFehler
from sozialanalyse.parameters import NOTEBOOKS, KeineWerte, aus_link, laeufe, pruefe


@pytest.fixture
def vorrat(gebaut):
    return gebaut.daten()


@pytest.mark.parametrize("notebook", NOTEBOOKS)
def test_defaults_are_valid(vorrat, notebook):
    assert pruefe(notebook, {}, vorrat).model_dump()["audience"] == "oeffentlich"


def test_good_values_stay_as_they_are(vorrat):
    found = pruefe(
        "cluster",
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
        pruefe(notebook, values, vorrat)
    assert sentence in str(caught.value)
    assert "\n" not in str(caught.value)


def test_all_faults_at_once(vorrat):
    with pytest.raises(ParameterFehler) as caught:
        pruefe("cluster", {"typen": 99, "themen": ["x"], "komune": ""}, vorrat)
    assert len(str(caught.value).splitlines()) == 3


def test_links(vorrat):
    query = {
        "typen": ["3"],
        "themen": ["arbeit,demographie"],
        "indikatoren": ["ALO", "EW"],
        "kommune": ["05999004"],
        "stichtag": [""],
    }
    found = aus_link("cluster", query, vorrat)
    assert (found.typen, found.themen, found.indikatoren) == (3, ["arbeit", "demographie"], ["ALO", "EW"])
    assert (found.kommune, found.stichtag) == ("05999004", "neuester")
    for wrong in ({"typen": ["drei"]}, {"x": ["1"]}, {"kommune": ["<script>"]}, {"typen": ["3.0"]}):
        with pytest.raises(ParameterFehler):
            aus_link("cluster", wrong, vorrat)


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
    found = laeufe(path, vorrat)
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
        laeufe(written(tmp_path, text), vorrat)
    assert sentence in str(caught.value)
    assert f"varianz.yml, Zeile {line}: " in str(caught.value)


def test_what_the_data_hold_no_value_of_is_told_and_left_out_of_alle(gebaut, tmp_path):
    """A topic without a single value on a date: a sentence for a link, no run for "alle"."""
    daten = gebaut.daten("oeffentlich")
    daten._pairs = frozenset(
        pair for pair in daten._pairs if pair != ("ALO", "2021-12-31") and pair != ("QUOTE", "2021-12-31")
    )
    with pytest.raises(KeineWerte, match="keine Indikatoren mit Werten"):
        pruefe("varianz", {"thema": "arbeit", "stichtag": "2021-12-31"}, daten)
    page = tmp_path / "varianz.yml"
    page.write_text("runs: [{fuer: {thema: alle, stichtag: alle}}]", encoding="utf-8")
    assert [lauf.name for lauf in laeufe(page, daten)] == [
        "demographie_2021-12-31", "demographie_2023-12-31", "arbeit_2023-12-31",
    ]  # fmt: skip
