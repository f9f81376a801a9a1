"""Published values from outside the region: a column in tables, its source below, faults in the file."""

from __future__ import annotations

import pytest

from sozialanalyse.base import PruefFehler
from sozialanalyse.region import vergleich
from sozialanalyse.seiten import seite

SEITE = """\
vergleiche:
  - name: Musterland gesamt
    quelle: Landesamt, erfunden
    werte:
      - {indikator: ALO, stichtag: 2023-12-31, wert: 6.2}
      - {indikator: ALO, stichtag: 2021-12-31, wert: 5.9}
"""


@pytest.fixture
def ort(gebaut, monkeypatch):
    monkeypatch.setenv("SOZIALANALYSE_REGION", str(gebaut.ordner))
    (gebaut.ordner / vergleich.DATEI).write_text(SEITE, encoding="utf-8")
    return gebaut


def test_a_column_beside_the_region_with_its_source(ort):
    page = seite("kommunalprofil")(kommune="05999008")
    table = page.zahlentafel([page.ort_id, page.region_id], ["ALO", "QUOTE"], "t")
    heads = [column.label for column in table.tafel.spalten]
    place = heads.index("Musterland gesamt")
    assert place == heads.index(page.kontext.region) + 1
    column = table.tafel.werte.columns[place]
    assert table.tafel.werte[column].iloc[0] == 6.2
    assert table.tafel.status[column].tolist() == ["wert", "unbekannt"]
    assert "Musterland gesamt: Landesamt, erfunden." in table.html
    without = page.zahlentafel([page.ort_id, page.region_id], ["QUOTE"], "t")
    assert "Musterland gesamt" not in without.html


@pytest.mark.parametrize(
    ("alt", "neu", "satz"),
    [
        ("indikator: ALO, stichtag: 2023", "indikator: ALU, stichtag: 2023", "Den Indikator „ALU“ gibt es nicht"),
        ("2021-12-31", "2023-12-31", "stehen zum 31.12.2023 mehrere Werte da"),
        ("wert: 6.2", "wert: viel", "wert"),
    ],
)  # fmt: skip
def test_what_is_wrong_in_the_file_is_told(ort, alt, neu, satz):
    (ort.ordner / vergleich.DATEI).write_text(SEITE.replace(alt, neu), encoding="utf-8")
    with pytest.raises(PruefFehler, match=satz):
        vergleich.lade(ort.ordner, ["ALO", "QUOTE"])
