"""Register of publications: what was seen once counts as known."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
import pytest
from test_geheimhaltung_sperren import PROFIL, areas, catalogue, hidden, indicator, values

from sozialanalyse import build, store
from sozialanalyse.base import settings
from sozialanalyse.geheimhaltung import frueher, register, schuetze

TAG = "2023-12-31"


HEUTE = [12, 7, 30, 40, 50]


def cells(*names: str, counts: list[float] = HEUTE, bestand: str = "alt") -> pd.DataFrame:
    """Cells as they were published with some counts; an area of former boundaries stands for no cell of today."""
    gebiete = areas(3, 2)
    table = values(gebiete, "I", counts).set_index("gebiet_id")
    found = table.reindex(list(names)).fillna({"wert": 1.0, "zaehler": 1.0, "nenner": 1.0}).reset_index()
    return found[["gebiet_id", "wert", "zaehler", "nenner"]].assign(
        indikator_id="I", stichtag=TAG, bestand=bestand
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
    known = register.bekannt(tmp_path)
    assert list(known.columns) == [*register.SPALTEN, "bestand"]
    assert known[["gebiet_id", "bestand"]].values.tolist() == [["K0.0", "abc"]]


def test_an_entry_taken_back_is_kept_with_its_reason_and_known_no_more(tmp_path):
    folder, day = tmp_path / "register", date(2026, 1, 5)
    for audience in ("oeffentlich", "kommune:05999004"):
        entry = register.verzeichne(folder, cells("K0.0"), bestand="abc", audience=audience, am=day)
        assert entry is not None
        assert entry.stat().st_mode & 0o777 == 0o600
        aside = register.nimm_zurueck(folder, entry, grund="Übung", name="Planung", am=date(2026, 1, 6))
        assert aside.parent == folder / register.ZURUECK
    assert register.eintraege(folder).empty
    assert register.bekannt(folder).empty
    back = register.zuruecknahmen(folder)
    assert list(back) == ["datum", "bestand", "audience", "zurueckgenommen", "von", "grund"]
    assert sorted(back.values.tolist()) == [
        ["2026-01-05", "abc", audience, "2026-01-06", "Planung", "Übung"]
        for audience in ("kommune:05999004", "oeffentlich")
    ]
    assert register.verzeichne(folder, cells("K0.0"), bestand="abc", audience="oeffentlich", am=day)


def test_what_was_published_stays_and_another_cell_goes():
    """12 would go with 7; published before, it cannot, so 30 goes."""
    counts = [12, 7, 30, 40, 50]
    assert hidden(protect(counts).werte) == ["K0.0", "K0.1"]
    found = protect(counts, bekannt=cells("K0.0"))
    assert hidden(found.werte) == ["K0.1", "K0.2"]
    assert found.offen.empty


def test_differencing_older_publications_is_public_already_and_told_with_the_reason():
    """Everything but 7 was published before: no pattern hides it any more, and nothing new tells it."""
    seen = cells("K0", "K0.0", "K0.2")
    found = protect([12, 7, 30, 40, 50], bekannt=seen)
    assert found.offen.empty
    assert list(found.schon_bekannt["gebiet_id"]) == ["K0.1"]
    assert register.gruende(found.schon_bekannt, seen, {}) == [
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
    assert found.offen.empty
    assert list(found.schon_bekannt["gebiet_id"]) == ["K0.1"]
    assert (
        "das frühere Gebiet ALT ist bereits veröffentlicht"
        in register.gruende(found.schon_bekannt, both, divided)[0]
    )


def test_the_reason_of_a_value_that_was_printed_itself():
    """12 was printed under a minimum of 10; now 20 is asked for."""
    stricter = PROFIL.model_copy(update={"mindestfallzahl": 20})
    gebiete, seen = areas(3, 2), cells("K0.0")
    werte = values(gebiete, "I", HEUTE)
    found = schuetze(werte, gebiete, catalogue(indicator("I")), {"p": stricter}, "oeffentlich", bekannt=seen)
    assert found.offen.empty
    assert register.gruende(found.schon_bekannt, seen, {}) == [
        "I in K0.0 zum 2023-12-31: zu diesem Gebiet ist bereits ein Wert veröffentlicht (Spanne 0, verlangt 20)."
    ]
    other = seen.assign(stichtag="2022-12-31")
    assert "zusammen mit früher" in register.gruende(found.schon_bekannt, other, {})[0], "of another date"
    (told,) = found.befunde("oeffentlich", TAG)
    assert "Eine Größe lässt sich nicht mehr schützen, weil früher Veröffentlichtes" in told.text
    assert "K0.0" in told.text
    new = found.schon_bekannt.assign(schon_bekannt=False)
    assert "neu gezeigt" in register.gruende(new, seen, {})[0]
    assert {"K0.1"} <= set(hidden(found.werte)), "what was not printed before is hidden"


@pytest.mark.parametrize("seed", range(6))
def test_rules_become_stricter_for_whatever_was_not_seen(seed):
    """Random regions: publish under 10, ask for 20; only what the old page tells stays open, all else is protected."""
    rng = np.random.default_rng(seed)
    gebiete = areas(5, 4, 3)
    werte = values(gebiete, "I", [float(n) for n in rng.integers(1, 60, 12)])
    katalog = catalogue(indicator("I"))
    first = schuetze(werte, gebiete, katalog, {"p": PROFIL}, "oeffentlich").werte
    seen = first.dropna(subset="wert")[register.SPALTEN].assign(bestand="alt")
    stricter = PROFIL.model_copy(update={"mindestfallzahl": 20})
    found = schuetze(werte, gebiete, katalog, {"p": stricter}, "oeffentlich", bekannt=seen)
    assert found.offen.empty
    assert found.schon_bekannt["weite"].lt(20).all()
    shown = set(found.werte.dropna(subset="wert")["gebiet_id"])
    assert set(seen["gebiet_id"]) <= shown, "what was seen stays"
    small = set(werte.loc[werte["zaehler"] < 20, "gebiet_id"]) - set(seen["gebiet_id"])
    assert not small & shown


def test_without_an_earlier_publication_nothing_is_public_already():
    assert not protect(HEUTE).ziele["schon_bekannt"].any()
    assert not protect(HEUTE, bekannt=cells("FREMD")).ziele["schon_bekannt"].any()


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


def test_a_number_once_published_wrongly_is_hidden_when_it_turns_out_small():
    """70 was printed where 7 is right: neither the number nor a total that gives it away is shown now."""
    before = cells("K0.0", "K0.1", "K0.2", "K1.0", "K1.1", "K0", "K1", "R", counts=[12, 70, 30, 40, 50])
    found = protect(HEUTE, bekannt=before)
    assert set(hidden(found.werte)) == {"K0", "K0.1", "R"}
    assert found.offen.empty


def test_a_corrected_total_gives_nothing_away_beside_the_old_one():
    """30 was corrected to 33 and the total with it; the old total still tells that the two others are 19."""
    before = cells("K0.2", "K0", "R", "K1", "K1.0", "K1.1")
    now = [12, 7, 33, 40, 50]
    found = protect(now, bekannt=before)
    assert {"K0.0", "K0.1"} <= set(hidden(found.werte))
    assert found.offen.empty
    seen = pd.concat([before, cells("K0.0")])  # 12 was seen as well: 49 - 30 - 12
    told = protect(now, bekannt=seen).schon_bekannt
    assert list(told["gebiet_id"]) == ["K0.1"]
    assert "zusammen mit früher Veröffentlichtem" in register.gruende(told, seen, {})[0]
    assert protect(now, bekannt=seen[~seen["gebiet_id"].isin(["K0", "R"])]).ziele["geschuetzt"].all(), (
        "only the old totals did it"
    )


def test_a_kommune_remembers_what_was_published_before():
    """Its own rules show 12 and hide 3; an old public total tells that both are 15, so 12 goes as well."""
    profil = PROFIL.model_copy(update={"mindestfallzahl_kommune": 5})
    gebiete, katalog, now = (
        areas(3, 2),
        catalogue(indicator("I")),
        values(areas(3, 2), "I", [12, 3, 33, 40, 50]),
    )
    before = cells("K0.2", "K0", "R", "K1", "K1.0", "K1.1", counts=[12, 3, 30, 40, 50])
    public = schuetze(now, gebiete, katalog, {"p": profil}, "oeffentlich", bekannt=before).werte
    found = schuetze(now, gebiete, katalog, {"p": profil}, "kommune:K0", oeffentliche=public, bekannt=before)
    assert found.offen.empty
    assert {"K0.0", "K0.1"} <= set(hidden(found.werte))


def test_every_version_of_a_total_counts():
    """The first of two older versions is not forgotten."""
    first = cells("K0.2", "K0", "R", "K1", "K1.0", "K1.1", "K0.0", bestand="a")
    second = cells("K0.2", "K0", "R", "K1", "K1.0", "K1.1", "K0.0", counts=[12, 7, 33, 40, 50], bestand="b")
    third = [12, 7, 35, 40, 50]
    assert list(protect(third, bekannt=pd.concat([first, second])).schon_bekannt["gebiet_id"]) == ["K0.1"]


def test_rounded_numbers_are_the_same_as_long_as_they_round_alike():
    profil = PROFIL.model_copy(update={"rundung_zahl": 5})
    gebiete, katalog = areas(3, 2), catalogue(indicator("I"))
    now = values(gebiete, "I", HEUTE)
    printed = cells("K0.2", "K1.1").assign(zaehler=[30, 55])
    found = frueher.abgleich(now, printed, katalog, {"p": profil})
    assert found["gleich"].tolist() == [True, False]


def test_a_snapshot_is_protected_anew_when_others_were_published_since(kleinregion):
    first = kleinregion.build()
    folder = settings.registerordner(kleinregion.ordner, "musterland")
    public = kleinregion.daten("oeffentlich")

    def publish(bestand: str, am: date) -> None:
        register.verzeichne(folder, public.werte(level=None), bestand=bestand, audience="oeffentlich", am=am)

    publish(first.bestand, date(2026, 1, 5))
    assert not build.build(kleinregion.ordner).neu  # its own publication changes nothing
    publish("fremd", date(2026, 2, 5))
    second = build.build(kleinregion.ordner)
    assert second.neu
    assert second.bestand.startswith(first.bestand + "-")
    assert store.aktueller(kleinregion.bestand) == second.bestand
    publish(second.bestand, date(2026, 3, 5))
    assert not build.build(kleinregion.ordner).neu


def test_former_areas_of_whole_areas_of_today():
    shares = pd.DataFrame(
        [("alt", "alt:A 1", "A 1a", "einwohner"), ("alt", "alt:A 1", "A 1b", "einwohner"),
         ("alt", "alt:A 2", "A 2", "einwohner"), ("alt", "alt:A 2", "A 3", "einwohner"), ("alt", "alt:A 3", "A 3", "einwohner")],
        columns=["umstieg", "alt", "neu", "basis"],
    )  # fmt: skip
    assert register.nachfolger(shares) == {"A 1": ["A 1a", "A 1b"]}
