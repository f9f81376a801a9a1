"""Blocks of a page."""

import pytest
from present_kreis import MARKE, kontext_mit

from sozialanalyse.present import (
    Eingabefeld,
    Verweis,
    auswahl,
    hinweis,
    keine_daten,
    kopf,
    kurzfassung,
    marke,
    methode,
    quellen,
    verweise,
)

FELDER = [
    Eingabefeld(
        "stichtag", "Stichtag", [("2023", "31.12.2023"), ("2022", "31.12.2022")], hilfe="Tag der Zählung"
    ),
    Eingabefeld("gebiet", "Gebiet", [("a", "Aue", "Nord"), ("b", "Berg", "Süd")]),
]


def test_heading_names_region_question_date_and_mark():
    found = kopf("Typen", "Welche ähneln sich?", kontext_mit()).html
    assert "<h1>Typen</h1>" in found
    assert found.startswith("<style>")
    for words in ("Musterkreis", "Welche ähneln sich?", "Stichtag 31.12.2023", MARKE):
        assert words in found
    assert MARKE not in kopf("T", "F", kontext_mit(marke="")).html
    assert marke(kontext_mit(marke="")).html == ""


def test_form_works_without_script():
    found = auswahl(FELDER, "typen.html", {"stichtag": "2022"}).html
    assert 'method="get" action="typen.html"' in found
    assert '<option value="2022" selected>31.12.2022</option>' in found
    assert found.count(" selected") == 1
    assert found.count("<label for=") == 2
    assert '<optgroup label="Nord"><option value="a">Aue</option></optgroup>' in found
    assert '<button type="submit">Anzeigen</button>' in found


def test_in_a_notebook_the_choice_is_read_not_made():
    found = auswahl(FELDER, None, {"stichtag": "2022", "gebiet": "b"}).html
    assert "<form" not in found
    assert "<dt>Gebiet</dt><dd>Berg</dd>" in found


def test_method_note_is_markdown_without_markup_or_pictures():
    found = methode(
        "## Grund\n\n*a* **b** <i>c</i>\n\n### Mehr\n\n![x](http://fremd/y.png) [l](javascript:z)"
    ).html
    assert "<summary><h2>" in found, "folded, the heading tells what opens"
    assert "<h3>Grund</h3>" in found
    assert "<h4>Mehr</h4>" in found
    assert "&lt;i&gt;c" in found
    assert "<img" not in found
    assert "javascript:" not in found


@pytest.mark.parametrize(
    "address", ["javascript:alert(1)", " JavaScript:x", "data:text/html,x", "vbscript:x"]
)
def test_links_lead_to_pages_only(address):
    with pytest.raises(ValueError, match="address"):
        verweise([Verweis("x", address)])
    with pytest.raises(ValueError, match="address"):
        auswahl(FELDER, address, {})
    with pytest.raises(ValueError, match="address"):
        quellen([{"name": "x", "url": address}])


def test_relative_and_web_addresses_are_fine():
    found = verweise(
        [Verweis("x", "a.html?b=1&c=2"), Verweis("y", "https://example.org/"), Verweis("z", "#o")]
    )
    assert 'href="a.html?b=1&amp;c=2"' in found.html


def test_boxes_say_their_kind_in_words():
    assert 'role="note" aria-label="Achtung"' in hinweis("vorläufig", art="warnung").html
    found = keine_daten("Für 2018 fehlt alles.", "Bitte 2019 wählen.").html
    assert found.index("fehlen Angaben") < found.index("Für 2018") < found.index("Bitte 2019")


def test_summary_is_a_list():
    found = kurzfassung(["Eins.", "Zwei."])
    assert "Das Wichtigste in Kürze" in found.html
    assert found.html.count("<li>") == 2
    assert found.tabelle["satz"].tolist() == ["Eins.", "Zwei."]


def test_sources_leave_out_what_is_not_known():
    found = quellen([{"name": "Register", "anbieter": "Amt", "lizenz": ""}]).html
    assert "Anbieter: Amt." in found
    assert "Lizenz" not in found
