"""Places and postcodes of a region: what the search finds by them, faults in the file."""

from __future__ import annotations

import re

import pytest

from sozialanalyse.base import PruefFehler
from sozialanalyse.build import pruefe_redaktion
from sozialanalyse.region import orte
from sozialanalyse.seiten import seite


def schreibe(ort, inhalt):
    (ort.ordner / orte.DATEI).write_text(inhalt, encoding="utf-8")


def gefunden(name):
    """What leads to a name: text of the links whose entry bears it."""
    page = seite("index")().suche().html
    items = re.findall(r'<li data-n="([^"]*)"[^>]*><a [^>]*>([^<]*)</a>', page)
    return [told for names, told in items if name in names.split("|")]


def test_a_place_leads_to_its_areas_and_kommunen(gebaut, monkeypatch):
    monkeypatch.setenv("SOZIALANALYSE_REGION", str(gebaut.ordner))
    assert gefunden("01067") == []
    key, other = list(gebaut.gebiete)[:2]
    town = next(iter(seite("index")().kommunen["name"]))
    schreibe(gebaut, f'orte:\n  "01067": ["{key}", "{other}"]\n  Rosenviertel: ["{town}"]\n')
    assert [told.partition(" ")[0] for told in gefunden("01067")] == [key.partition(" ")[0], other.partition(" ")[0]]  # fmt: skip
    assert gefunden("Rosenviertel") == [town]
    assert pruefe_redaktion(gebaut.region) == []


@pytest.mark.parametrize(
    ("inhalt", "satz"),
    [
        ('orte:\n  "01067": [Atlantis]\n', "01067: Das Gebiet „Atlantis“ gibt es nicht"),
        ("orte:\n  01067: [A 1]\n", "Anführungszeichen"),
        ("orte: {}\n", "orte"),
        ("ort: {}\n", "ort"),
    ],
)
def test_what_is_wrong_in_the_file_is_told(gebaut, inhalt, satz):
    schreibe(gebaut, inhalt)
    with pytest.raises(PruefFehler, match=satz):
        orte.lade(gebaut.ordner, dict.fromkeys(gebaut.gebiete, ""))
