"""What leaves the house of a register of projects, worked out by hand: no person, no small number, nothing internal."""

from __future__ import annotations

import re
from datetime import date
from types import SimpleNamespace

import pytest

from sozialanalyse import vorhaben
from sozialanalyse.geheimhaltung import registerschutz

SEITE = SimpleNamespace(
    zahlen={"dabei": SimpleNamespace(personen=True), "euro": SimpleNamespace(personen=False)},
    mindestzahl=5, loeschen_nach_jahren=1.5,
)  # fmt: skip
KEY = b"region"


def stand(**anders):
    plain = {
        "kennung": "7/24", "status": "laeuft", "traeger": "verein", "antragsteller": "Turnverein", "titel": "Fest",
        "titel_einfach": "Fest", "text": "Text", "beteiligte": "Amt", "leitlinie": "L", "punkte": {"idee": 3},
        "loeschen_am": None, "eingang": "2024-01-02", "datei": "a.csv", "eigenanteil": 5.0, "stand": "2024-08-31",
        "beginn": "2024-01-31", "ende": None, "zahlen": {"dabei": 4, "euro": 4},
    }  # fmt: skip
    return plain | anders


def test_an_organisation_is_named_and_nothing_internal_is():
    (shown,) = registerschutz.oeffentlich([stand()], SEITE, KEY)
    assert (shown["antragsteller"], shown["kennung"], shown["titel"]) == ("Turnverein", "7/24", "Fest")
    assert shown["punkte"] == {}
    assert [shown[key] for key in ("loeschen_am", "eingang", "datei", "eigenanteil")] == [None] * 4
    assert shown["zahlen"] == {"dabei": None, "euro": 4}


@pytest.mark.parametrize(("count", "told"), [(0, 0), (1, None), (4, None), (5, 5)])
def test_numbers_of_people_below_the_least_number_are_hidden(count, told):
    (shown,) = registerschutz.oeffentlich([stand(zahlen={"dabei": count})], SEITE, KEY)
    assert shown["zahlen"] == {"dabei": told}


def test_applications_are_left_out():
    assert registerschutz.oeffentlich([stand(status=one) for one in vorhaben.NUR_INTERN], SEITE, KEY) == []


@pytest.mark.parametrize("traeger", [vorhaben.PERSON, None])
def test_a_person_is_a_mark_inside_and_nothing_outside(traeger):
    """Two spellings are one person; who is of no known kind is taken for one."""
    one, other = (
        stand(traeger=traeger, antragsteller="Ute Kern"),
        stand(traeger=traeger, antragsteller="KERN"),
    )
    same = stand(traeger=traeger, antragsteller="ute kern ")
    assert registerschutz.ohne_personen([stand(), one], SEITE, KEY)[1]["antragsteller"] != "Ute Kern"
    kept = registerschutz.ohne_personen([one, other, same, stand()], SEITE, KEY)
    marks = [state["antragsteller"] for state in kept]
    assert marks[0] == marks[2] != marks[1]
    assert marks[3] == "Turnverein"
    assert re.fullmatch("p-[0-9a-f]{12}", marks[0])
    assert all("ern" not in str(state) for state in kept[:3])
    assert [kept[0][key] for key in registerschutz.ERZAEHLT] == [None] * 5
    assert kept[0]["loeschen_am"] == "2025-07-28"  # 18 months after it began; the day exists in every month
    (shown,) = registerschutz.oeffentlich(kept[:1], SEITE, KEY)
    assert shown["antragsteller"] is None
    assert shown["kennung"].startswith(registerschutz.ZEICHEN)
    assert registerschutz.ohne_personen([one], SEITE, b"other")[0]["antragsteller"] != marks[0]


def test_marks_go_on_the_day_of_deletion_and_files_with_names_are_told():
    person = stand(traeger=vorhaben.PERSON, loeschen_am="2025-03-01", antragsteller="p-1")
    for day, left in (("2025-02-28", "p-1"), ("2025-03-01", None)):
        gone = registerschutz.geloescht([person, stand(loeschen_am="2025-03-01")], date.fromisoformat(day))
        assert [one["antragsteller"] for one in gone] == [left, "Turnverein"]
        assert registerschutz.faellig([person, stand()], SEITE, date.fromisoformat(day)) == (
            [] if left else ["a.csv"]
        )
    assert registerschutz.loeschtag(stand(ende="2024-12-31"), SEITE) == "2026-06-28"
    assert registerschutz.loeschtag(stand(beginn=None), SEITE) == "2026-02-28"
