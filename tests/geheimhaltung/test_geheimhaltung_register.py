"""Register of publications: what was seen once counts as known."""

from __future__ import annotations

from datetime import date

import pandas as pd
from test_geheimhaltung_sperren import PROFIL, areas, catalogue, hidden, indicator, values

from sozialanalyse.geheimhaltung import register, schuetze

TAG = "2023-12-31"


def cells(*names: str) -> pd.DataFrame:
    return pd.DataFrame(
        {"gebiet_id": names, "indikator_id": "I", "stichtag": TAG, "wert": 1.0, "zaehler": 1.0, "nenner": 1.0}
    )


def protect(counts, **more):
    gebiete = areas(3, 2)
    return schuetze(
        values(gebiete, "I", counts), gebiete, catalogue(indicator("I")), {"p": PROFIL}, "oeffentlich", **more
    )


def test_entries_are_written_once_and_read_back(tmp_path):
    werte = cells("K0.0", "K0.1").assign(status="wert")
    werte.loc[1, "wert"] = None
    entry = register.verzeichne(tmp_path, werte, bestand="abc", audience="oeffentlich", am=date(2026, 1, 5))
    assert entry is not None
    assert (
        register.verzeichne(tmp_path, werte, bestand="abc", audience="oeffentlich", am=date(2026, 2, 5))
        is None
    )
    register.verzeichne(tmp_path, werte, bestand="abc", audience="kommune:05999004", am=date(2026, 2, 5))
    assert register.eintraege(tmp_path)[["datum", "bestand", "audience", "zellen"]].values.tolist() == [
        ["2026-01-05", "abc", "oeffentlich", 1],
        ["2026-02-05", "abc", "kommune:05999004", 1],
    ]
    assert list(register.bekannt(tmp_path)["gebiet_id"]) == ["K0.0"]


def test_what_was_published_stays_and_another_cell_goes():
    """12 would go with 7; published before, it cannot, so 30 goes."""
    counts = [12, 7, 30, 40, 50]
    assert hidden(protect(counts).werte) == ["K0.0", "K0.1"]
    found = protect(counts, bekannt=cells("K0.0"))
    assert hidden(found.werte) == ["K0.1", "K0.2"]
    assert found.offen.empty


def test_differencing_with_an_older_pattern_is_refused_with_the_reason():
    """Everything but 7 was published before: no pattern hides it any more."""
    seen = cells("K0", "K0.0", "K0.2")
    found = protect([12, 7, 30, 40, 50], bekannt=seen)
    assert list(found.offen["gebiet_id"]) == ["K0.1"]
    assert register.gruende(found.offen, seen, {}) == [
        "I in K0.1 zum 2023-12-31: zusammen mit früher Veröffentlichtem ließe sich der gesperrte Wert "
        "eingrenzen (Spanne 0, verlangt 10)."
    ]


def test_divided_area_old_total_minus_part():
    """K0.0 and K0.1 were one area: its old count 19 less 12 would give 7 away."""
    counts = [12, 7, 30, 40, 50]
    seen = cells("ALT")
    divided = {"ALT": ["K0.0", "K0.1"]}
    harmless = protect(counts, bekannt=seen, nachfolger=divided)
    assert hidden(harmless.werte) == ["K0.0", "K0.1"]  # the pair that is hidden anyway
    both = pd.concat([seen, cells("K0.0")])
    found = protect(counts, bekannt=both, nachfolger=divided)
    assert list(found.offen["gebiet_id"]) == ["K0.1"]
    assert (
        "das frühere Gebiet ALT ist bereits veröffentlicht" in register.gruende(found.offen, both, divided)[0]
    )


def test_divided_area_changes_the_choice():
    """Without the old publication 12 would hide 7; with it, its partner must lie outside the old area."""
    gebiete = areas(4, 2)
    werte = values(gebiete, "I", [12, 7, 30, 35, 40, 50])
    divided = {"ALT": ["K0.1", "K0.2"]}
    found = schuetze(
        werte,
        gebiete,
        catalogue(indicator("I")),
        {"p": PROFIL},
        "oeffentlich",
        bekannt=cells("ALT"),
        nachfolger=divided,
    )
    assert found.offen.empty
    gone = set(hidden(found.werte))
    assert {"K0.1", "K0.2"} <= gone  # 37 less 30 would be 7


def test_former_areas_of_whole_areas_of_today():
    shares = pd.DataFrame(
        [("alt", "alt:A 1", "A 1a", "einwohner"), ("alt", "alt:A 1", "A 1b", "einwohner"),
         ("alt", "alt:A 2", "A 2", "einwohner"), ("alt", "alt:A 2", "A 3", "einwohner"), ("alt", "alt:A 3", "A 3", "einwohner")],
        columns=["umstieg", "alt", "neu", "basis"],
    )  # fmt: skip
    assert register.nachfolger(shares) == {"A 1": ["A 1a", "A 1b"]}
