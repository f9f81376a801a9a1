"""Entries set and removed in the text of a YAML file: only they change, comments stay."""

from __future__ import annotations

from datetime import date

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from sozialanalyse.base import yamltext

SEITE = """\
# Texte der Redaktion
aenderungen:
  # Kita
  - bericht: sozialraumprofil   # je Gebiet
    ort: "A 6"
    zahlen: "5f0c2a11"
    # der Text
    text: |
      Eine neue Kita.

      Seit Mai offen.
  # zweiter
  - {bericht: kommunalprofil, ort: "1", zahlen: "00000000", text: "Kurz."}   # flach
  - bericht: themenreport
    ort: armut
    zahlen: 12345678
    text: Ein Satz
      über zwei Zeilen.

typnamen:
  "A 6": Am Rand   # bleibt
"""
NEU = {
    "zahlen": "abcdef01",
    "text": "Erster Absatz: „neu“ # kein Kommentar\n\nZweiter.",
    "wann": date(2026, 12, 1),
}


def test_what_is_set_changes_and_everything_else_stays():
    for place in range(3):
        made = yamltext.setze(SEITE, "aenderungen", place, NEU)
        assert yaml.safe_load(made)["aenderungen"][place]["text"] == NEU["text"]
        for comment in (
            "# Texte der Redaktion",
            "# Kita",
            "# je Gebiet",
            "# der Text",
            "# zweiter",
            "# flach",
            "# bleibt",
        ):
            assert comment in made, (place, comment)
    assert '"A 6": Am Rand   # bleibt\n' in made


@pytest.mark.parametrize(
    "vorher",
    ["", "# nur ein Kommentar", "aenderungen: []\n", "aenderungen: [] # leer\ntypnamen: {a: b}\n", "typnamen:\n  a: b\n", SEITE,
     "aenderungen: [{bericht: a, text: b}]\n", "aenderungen:\n- bericht: a\n  text: b", "aenderungen:\n- bericht: a\n  text: |\n    b\n"],
)  # fmt: skip
def test_an_entry_is_added_and_taken_out_again(vorher):
    entry = {"bericht": "x", **NEU}
    made = yamltext.setze(vorher, "aenderungen", None, entry)
    found = yaml.safe_load(made)["aenderungen"]
    assert found[-1] == entry
    gone = yaml.safe_load(yamltext.entferne(made, "aenderungen", len(found) - 1))
    assert {k: v for k, v in gone.items() if v} == {
        k: v for k, v in (yaml.safe_load(vorher) or {}).items() if v
    }


def test_any_entry_is_taken_out():
    for place in range(3):
        made = yamltext.entferne(SEITE, "aenderungen", place)
        assert "# Texte der Redaktion" in made
        assert len(yaml.safe_load(made)["aenderungen"]) == 2
    flow = "aenderungen: [{a: 1}, {b: 2}, {c: 3}]\n"
    assert [yaml.safe_load(yamltext.entferne(flow, "aenderungen", i))["aenderungen"] for i in range(3)] == [
        [{"b": 2}, {"c": 3}], [{"a": 1}, {"c": 3}], [{"a": 1}, {"b": 2}],
    ]  # fmt: skip


def test_a_shared_entry_is_not_changed_behind_another():
    shared = "aenderungen:\n  - &a {bericht: x, text: t}\n  - *a\n"
    with pytest.raises(ValueError, match="one place"):
        yamltext.setze(shared, "aenderungen", 0, {"text": "neu"})


@given(
    st.lists(
        st.text(st.characters(blacklist_categories=("Cs", "Cc")), min_size=1)
        .map(lambda s: " ".join(s.split()))
        .filter(bool),
        min_size=1,
        max_size=4,
    )
)
def test_any_text_is_read_as_it_was_written(absaetze):
    words = "\n\n".join(absaetze)
    for place in (None, 0, 1, 2):
        made = yamltext.setze(SEITE, "aenderungen", place, {"text": words})
        assert yaml.safe_load(made)["aenderungen"][-1 if place is None else place]["text"] == words
