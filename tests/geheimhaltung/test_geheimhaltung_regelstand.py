"""Whether rules became stricter since a snapshot was built: every key of a profile, in both directions, in words."""

from __future__ import annotations

import pytest

from sozialanalyse.geheimhaltung import regelstand
from sozialanalyse.region.region import Dominanz, Sperrprofil

BASIS = {
    "mindestfallzahl": 10, "mindestfallzahl_kommune": 5, "mindestfallzahl_intern": 3, "schutzbreite": 8, "mindestnenner": 30,
    "komplement": False, "p_prozent": 5.0, "rundung_zahl": 5, "rundung_wert": 0.1,
}  # fmt: skip


def vergleich(davor: dict, danach: dict) -> regelstand.Regelstand:
    return regelstand.vergleiche({"I": Sperrprofil(**davor)}, {"I": Sperrprofil(**danach)})


@pytest.mark.parametrize(("name", "mehr"), [
    ("mindestfallzahl", 11), ("mindestfallzahl_kommune", 6), ("mindestfallzahl_intern", 4), ("schutzbreite", 9),
    ("mindestnenner", 31), ("komplement", True), ("p_prozent", 6.0), ("rundung_zahl", 10), ("rundung_wert", 0.5),
])  # fmt: skip
def test_more_of_anything_is_stricter_and_less_is_only_different(name, mehr):
    stricter = vergleich(BASIS, BASIS | {name: mehr})
    assert list(stricter.strenger) == ["I"]
    assert stricter.anders == {}
    looser = vergleich(BASIS | {name: mehr}, BASIS)
    assert looser.strenger == {}
    assert list(looser.anders) == ["I"]
    assert looser.anders["I"].startswith(f"{name} ")


def test_zeros_and_dominance():
    assert vergleich({}, {"null_zeigen": False}).strenger == {"I": "null_zeigen nein statt ja"}
    assert vergleich({"null_zeigen": False}, {}).anders == {"I": "null_zeigen ja statt nein"}
    rule = {"dominanz": Dominanz(groesste=2, anteil=85)}
    assert list(vergleich({}, rule).strenger) == ["I"]
    assert list(vergleich(rule, {}).anders) == ["I"]
    other = {"dominanz": Dominanz(groesste=1, anteil=85)}
    assert list(vergleich(rule, other).strenger) == ["I"], "of which it cannot be said counts as stricter"
    assert vergleich({"p_prozent": 5.5}, {}).anders == {"I": "p_prozent – statt 5,5"}


def test_what_is_left_open_counts_as_the_protection_takes_it():
    """No width is the minimum count, no minimum of a Kommune that of the public; words and laws change nothing."""
    plain = {"mindestfallzahl": 10}
    assert vergleich(plain, plain | {"schutzbreite": 10, "mindestfallzahl_kommune": 10}).satz() == ""
    assert list(vergleich(plain, plain | {"mindestfallzahl_kommune": 9}).anders) == ["I"]
    assert list(vergleich(plain, plain | {"schutzbreite": 11}).strenger) == ["I"]
    assert vergleich(plain, plain | {"beschreibung": "x", "rechtsgrundlage": "y"}).satz() == ""
    raised = vergleich(plain, {"mindestfallzahl": 20}).strenger["I"]
    assert (
        raised == "mindestfallzahl 20 statt 10, mindestfallzahl_kommune 20 statt 10, schutzbreite 20 statt 10"
    )


def test_only_indicators_of_both_sides_are_compared_and_three_are_named():
    old, new = Sperrprofil(mindestnenner=30), Sperrprofil(mindestnenner=20)
    names = ["A", "B", "C", "D", "E"]
    found = regelstand.vergleiche(dict.fromkeys([*names, "ALT"], old), dict.fromkeys([*names, "NEU"], new))
    assert list(found.anders) == names
    assert found.satz() == (
        "Die Sperrregeln in region.yml sind andere als die, mit denen der Datenbestand entstand (A: mindestnenner 20 statt "
        "30; B: mindestnenner 20 statt 30; C: mindestnenner 20 statt 30 und 2 weitere)."
    )
    three = regelstand.vergleiche(dict.fromkeys(names[:3], old), dict.fromkeys(names[:3], new)).satz()
    assert "weitere" not in three
    mixed = regelstand.vergleiche({"A": old, "B": new}, {"A": new, "B": old})
    assert (list(mixed.strenger), list(mixed.anders)) == (["B"], ["A"])
    assert mixed.satz().index("B:") < mixed.satz().index("A:"), "the stricter first"
