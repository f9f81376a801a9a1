"""The agreement on joint use: every role is tried, deadlines open and close, everything handed out obeys."""

from __future__ import annotations

import json
from datetime import date, timedelta

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sozialanalyse import build, cli, publish, store, vereinbarung
from sozialanalyse.base.errors import BestandFehler, PruefFehler
from sozialanalyse.vereinbarung import Vereinbarung, VereinbarungSeite

SEITE = """\
titel: Vereinbarung über Sozialdaten
vom: 2026-01-15
bis: 2028-12-31
zweck_einfach: Wir schauen uns Zahlen gemeinsam an.
einheiten:
  - {id: planung, name: Sozialplanung, zielgruppe: intern, kommonitor: Sozialplanung}
  - {id: ahausen, name: Stadt Ahausen, zielgruppe: "kommune:05999004"}
  - {id: simmenau, name: Gemeinde Simmenau, zielgruppe: "kommune:05999012"}
rechte:
  - {einheiten: [oeffentlichkeit], datensaetze: [register]}
  - {einheiten: [alle], datensaetze: [register]}
  - {einheiten: [ahausen], datensaetze: [arbeit], ebenen: [sozialraum], darf: [sehen, bearbeiten], bis: 2027-06-30}
  - {einheiten: [simmenau], datensaetze: [arbeit], ab: 2027-01-01}
  - {einheiten: [planung], darf: [bearbeiten, veroeffentlichen]}
sperrfristen:
  - {datensaetze: [register], stichtage: [2023-12-31], bis: 2026-03-01, grund: Sitzung des Sozialausschusses, ausser: [ahausen]}
"""
VORHER, SPERRE, HEUTE = date(2026, 1, 14), date(2026, 2, 1), date(2026, 11, 30)


@pytest.fixture
def am(gebaut):
    """The agreement of the tiny region on a day."""

    def make(day: date = HEUTE, page: str = SEITE) -> Vereinbarung:
        (gebaut.ordner / "vereinbarung.yml").write_text(page, encoding="utf-8")
        return vereinbarung.lade(gebaut.region, day)

    return make


ROLLEN = [
    # unit, may, dataset, level, date, day -> allowed, or part of the reason
    ("planung", "sehen", "arbeit", "kommune", "2021-12-31", HEUTE, True),
    ("planung", "veroeffentlichen", "arbeit", "kommune", "2021-12-31", HEUTE, True),
    ("planung", "sehen", "register", "kommune", "2023-12-31", VORHER, True),
    ("planung", "veroeffentlichen", "register", "kommune", "2023-12-31", VORHER, "gilt heute nicht"),
    ("planung", "veroeffentlichen", "register", "kommune", "2023-12-31", SPERRE, "Sozialausschusses"),
    ("ahausen", "sehen", "arbeit", "sozialraum", "2021-12-31", HEUTE, True),
    ("ahausen", "bearbeiten", "arbeit", "sozialraum", "2021-12-31", HEUTE, True),
    ("ahausen", "veroeffentlichen", "arbeit", "sozialraum", "2021-12-31", HEUTE, "kein Recht"),
    ("ahausen", "sehen", "arbeit", "kommune", "2021-12-31", HEUTE, "kein Recht"),
    ("ahausen", "sehen", "arbeit", "sozialraum", "2021-12-31", date(2027, 6, 30), True),
    ("ahausen", "sehen", "arbeit", "sozialraum", "2021-12-31", date(2027, 7, 1), "am 30.06.2027 abgelaufen"),
    ("ahausen", "sehen", "register", "kommune", "2023-12-31", SPERRE, True),
    ("simmenau", "sehen", "register", "kommune", "2023-12-31", SPERRE, "Bis 01.03.2026 gesperrt"),
    ("simmenau", "sehen", "register", "kommune", "2021-12-31", SPERRE, True),
    ("simmenau", "sehen", "arbeit", "sozialraum", "2021-12-31", HEUTE, "beginnt am 01.01.2027"),
    ("simmenau", "sehen", "arbeit", "sozialraum", "2021-12-31", date(2027, 1, 1), True),
    ("simmenau", "bearbeiten", "register", "kommune", "2021-12-31", HEUTE, "kein Recht"),
    ("oeffentlichkeit", "sehen", "register", "sozialraum", "2023-12-31", HEUTE, True),
    ("oeffentlichkeit", "sehen", "register", "sozialraum", "2023-12-31", SPERRE, "gesperrt"),
    ("oeffentlichkeit", "sehen", "arbeit", "sozialraum", "2023-12-31", HEUTE, "kein Recht"),
    ("oeffentlichkeit", "sehen", "register", "sozialraum", "2023-12-31", date(2029, 1, 1), "gilt heute nicht"),
]  # fmt: skip


@pytest.mark.parametrize(("einheit", "darf", "datensatz", "ebene", "stichtag", "tag", "soll"), ROLLEN)
def test_every_role(am, einheit, darf, datensatz, ebene, stichtag, tag, soll):
    why = am(tag).grund(einheit, darf, datensatz, ebene, stichtag)
    assert why == "" if soll is True else soll in why, why


def visible(gebaut, audience: str) -> pd.Series:
    values = (
        store.load(gebaut.ordner, audience)
        .werte(level=None)
        .set_index(["indikator_id", "gebiet_id", "stichtag"])
    )
    return values["wert"].notna()


def test_a_build_obeys_and_without_the_page_nothing_changes(gebaut, am):
    before = visible(gebaut, "oeffentlich")
    assert before["ALO"].any()
    am()
    build.build(gebaut.ordner)
    public = store.load(gebaut.ordner, "oeffentlich").werte(level=None)
    alo = public[
        public["indikator_id"] == "ALO"
    ]  # rests on register and arbeit; the public may see register only
    assert alo["wert"].isna().all()
    assert alo["nenner"].isna().all()
    assert set(alo["status"]) <= {"geheim", "unbekannt", "nicht_sinnvoll"}
    assert visible(gebaut, "oeffentlich")["EW"].equals(before["EW"])
    assert store.load(gebaut.ordner, "intern").werte("ALO")["wert"].notna().any()


def test_embargo_is_followed_by_its_numbers(gebaut, monkeypatch):
    day = date.today()
    page = SEITE.replace("bis: 2028-12-31\n", "").replace("vom: 2026-01-15", "vom: 2020-01-01").replace("bis: 2026-03-01", f"bis: {day + timedelta(1)}")  # fmt: skip
    (gebaut.ordner / "vereinbarung.yml").write_text(page, encoding="utf-8")
    first = build.build(gebaut.ordner)
    rows = store.load(gebaut.ordner, "oeffentlich").werte("EW").set_index("stichtag")
    assert rows.loc["2023-12-31", "wert"].isna().all()
    assert set(rows.loc["2023-12-31", "status"]) == {"folgt"}
    assert rows.loc["2021-12-31", "wert"].notna().all()
    (gebaut.ordner / "vereinbarung.yml").write_text(page.replace(f"bis: {day + timedelta(1)}", f"bis: {day - timedelta(1)}"), encoding="utf-8")  # fmt: skip
    second = build.build(gebaut.ordner)
    assert second.bestand != first.bestand
    assert store.load(gebaut.ordner, "oeffentlich").werte("EW", "2023-12-31")["wert"].notna().all()


def test_what_ran_out_is_closed_before_anything_is_built_anew(gebaut, am, tmp_path, capsys):
    am()
    build.build(gebaut.ordner)
    store.load(gebaut.ordner, "oeffentlich")
    (gebaut.ordner / "vereinbarung.yml").write_text(
        SEITE.replace("bis: 2028-12-31", "bis: 2026-02-01"), encoding="utf-8"
    )
    for audience in ("oeffentlich",):
        with pytest.raises(BestandFehler, match="mehr, als die Vereinbarung heute erlaubt"):
            store.load(gebaut.ordner, audience)
    store.load(gebaut.ordner, "intern")
    build.build(gebaut.ordner)
    assert not visible(gebaut, "oeffentlich").any()


def test_export_waits_for_pages_of_today(gebaut, am, tmp_path):
    from sozialanalyse.base import settings
    from sozialanalyse.base.errors import LaufFehler

    am()
    made = build.build(gebaut.ordner)
    pages = settings.ergebnisordner(gebaut.ordner, "musterland", "oeffentlich")
    (pages / "atlas").mkdir(parents=True)
    (pages / "index.html").write_text("<html></html>", encoding="utf-8")
    record = pages / "atlas" / "gesamt.json"
    record.write_text(json.dumps({"fingerabdruck": {"bestand": "älter"}}), encoding="utf-8")
    with pytest.raises(LaufFehler, match="stammen aus dem Datenbestand älter"):
        publish.exportiere(gebaut.ordner, tmp_path / "stick")
    record.write_text(json.dumps({"fingerabdruck": {"bestand": made.bestand}}), encoding="utf-8")
    assert publish.exportiere(gebaut.ordner, tmp_path / "stick") == 1


def test_annex_in_both_languages(gebaut, am, capsys, tmp_path):
    am()
    assert cli.main(["vereinbarung", "--region", str(gebaut.ordner), "--out", str(tmp_path / "anhang")]) == 0
    usual, simple = ((tmp_path / "anhang" / name).read_text(encoding="utf-8") for name in ("vereinbarung.html", "vereinbarung-einfach.html"))  # fmt: skip
    assert len(capsys.readouterr().out.splitlines()) == 2
    for words in ("Stadt Ahausen", "sehen, bearbeiten", "bis 30.06.2027", "ab 01.01.2027", "Arbeitslosigkeit", "Sozialausschusses", "war gesperrt bis 01.03.2026"):  # fmt: skip
        assert words in usual
    for words in ("Wir schauen uns Zahlen gemeinsam an.", "Wer darf was?", "Zahlen ansehen", "Jetzt offen."):
        assert words in simple
    content = simple[simple.index("<h1>Vereinbarung") :]
    assert "Datensätze" not in content
    assert "Zielgruppe" not in content


@pytest.mark.parametrize(
    ("alt", "neu", "satz"),
    [
        ("zielgruppe: intern,", "zielgruppe: oeffentlich,", "Eine Einheit braucht „zielgruppe: intern“"),
        (
            "[ahausen], datensaetze: [arbeit]",
            "[ahaussen], datensaetze: [arbeit]",
            "„ahaussen“ steht nicht unter",
        ),
        ("kommune:05999004", "kommune:999", "Form"),
        ("ab: 2027-01-01}", "ab: 2027-01-01, bis: 2026-01-01}", "gilt an keinem Tag"),
        ("id: simmenau", "id: ahausen", "steht mehrmals da"),
        ("darf: [sehen, bearbeiten]", "darf: [sehen, lesen]", "„lesen“ ist hier nicht möglich"),
    ],
)
def test_faults_name_the_page(am, alt, neu, satz):
    with pytest.raises(PruefFehler, match="vereinbarung.yml") as caught:
        am(page=SEITE.replace(alt, neu))
    assert satz in str(caught.value)


def test_unknown_dataset_is_told_by_check(gebaut, am, capsys):
    am(page=SEITE.replace("datensaetze: [arbeit], ab", "datensaetze: [arbeitt], ab"))
    with pytest.raises(
        PruefFehler, match="Datensatz „arbeitt“, den es nicht gibt. Gemeint ist vielleicht: „arbeit“"
    ):
        build.pruefe(gebaut.ordner)


tage = st.dates(date(2025, 1, 1), date(2029, 12, 31))


@given(tage, st.booleans(), st.data())
def test_a_right_holds_on_exactly_its_days_and_only_adds(day, embargo, data):
    start, end = sorted([data.draw(tage), data.draw(tage)])
    right = {"einheiten": ["b"], "ab": start, "bis": end, "darf": "sehen"}
    base = {"titel": "V", "vom": date(2025, 1, 1), "einheiten": [{"id": "a", "name": "A", "zielgruppe": "intern"}, {"id": "b", "name": "B"}]}  # fmt: skip
    closed = [{"stichtage": [date(2024, 12, 31)], "bis": end, "grund": "x"}] if embargo else []
    agreed = Vereinbarung(
        VereinbarungSeite.model_validate(base | {"rechte": [right], "sperrfristen": closed}), day
    )
    may = agreed.grund("b", "sehen", "egal", "sozialraum", "2024-12-31") == ""
    assert may == (start <= day <= end and not (embargo and day <= end))
    without = Vereinbarung(VereinbarungSeite.model_validate(base), day)
    assert without.grund("b", "sehen", "egal", "sozialraum", "2024-12-31")
    assert agreed.grund("a", "sehen", "egal", "sozialraum", "2024-12-31") == ""
