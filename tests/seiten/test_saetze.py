"""Sentences: every area by every indicator of the shipped region, in both kinds of German."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from itertools import pairwise
from typing import Any

import pandas as pd
import pytest

from sozialanalyse.base import texts
from sozialanalyse.base.kontext import Ebene
from sozialanalyse.berichte import (
    AtlasBericht,
    ClusterBericht,
    IndexBericht,
    KommunalprofilBericht,
    VarianzBericht,
)
from sozialanalyse.seiten.teile.saetze import KLAR, Saetze

pytestmark = pytest.mark.langsam

LAENGE_EINFACH = 14
"""Words of a sentence in Einfache Sprache."""
LAENGE = 400
"""Characters of what is said about one value."""
NEBENSATZ = re.compile(r"\b(dass|weil|obwohl|damit|wenn|ob|während|welche[rsn]?|deren|dessen)\b")
FACHWORT = re.compile(
    r"Indikator|Quote|Anteil|Stichtag|Median|Konfidenz|Spanne|Varianz|signifikant|Cluster|%"
)
VERBOTEN = re.compile(
    r"Brennpunkt|Problem|schlecht|schlimm|leider|alarmierend|prekär|sozial schwach|Defizit|wegen|aufgrund|verursacht"
    r"|führt zu|liegt daran|deshalb",
    re.IGNORECASE,
)


@pytest.fixture(scope="module")
def profil(demo: object) -> KommunalprofilBericht:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SOZIALANALYSE_STATISCH", "1")
        return KommunalprofilBericht(kommune="05334004")


@pytest.fixture(scope="module")
def gesagt(profil: KommunalprofilBericht) -> dict[str, list[tuple[str, str, str]]]:
    """Per language: area, indicator and what is said, for areas and Kommunen."""
    return {sprache: list(_alle(profil, sprache)) for sprache in ("de", "einfach")}


def _alle(profil: KommunalprofilBericht, sprache: str) -> Iterator[tuple[str, str, str]]:
    s = profil.saetze(sprache)  # type: ignore[arg-type]
    for gebiet in [*profil.kommune.index, *profil.kommunen.index]:
        for key in profil.indikatoren:
            if sprache == "de" or profil.katalog.at[key, "einfach"]:  # the others are never said there
                yield gebiet, key, s.lage(gebiet, key)
                yield gebiet, key, s.verlauf(gebiet, key)


def grammatik(words: str) -> list[str]:
    """What is wrong with the form of a sentence."""
    plain = words.replace("\u00a0", " ")
    found = []
    if re.search(r"[{}]|\bnan\b|\bNone\b|<NA>", plain):
        found.append("placeholder")
    if "  " in plain or plain != plain.strip():
        found.append("spaces")
    if re.search(r"\s[,.;:)]|\(\s|\.\.|,,", plain):
        found.append("punctuation")
    if re.search(
        r"\d\.\d{1,2}\b(?!\.?\d)|\d{4,}(?=\D|$)(?<!\.(?:19|20)\d\d)(?<![12]\d{3})",
        re.sub(r"\d\d\.\d\d\.\d{4}", "", plain),
    ):
        found.append("number format")
    if re.search(r"(?<![\d,.])1 (Indikatoren|Sozialräumen?|Zahlen|Teile|Gruppen)\b", plain):
        found.append("plural after one")
    if re.search(r"\b(im StädteRegion|in der Sozialraum|im Kommune|der Kreis|die Sozialraum)\b", plain):
        found.append("article")
    if plain and plain[-1] not in ".":
        found.append("no full stop")
    if plain and not plain[0].isupper() and not plain[0].isdigit():
        found.append("no capital")
    return found


def test_what_is_wrong_would_be_seen() -> None:
    assert grammatik("Der Wert  liegt bei 3.5 %") == ["spaces", "number format", "no full stop"]
    assert grammatik("in der Sozialraum {ort} nan.") == ["placeholder", "article", "no capital"]
    assert grammatik("Bei 1 Indikatoren fehlt etwas .") == ["punctuation", "plural after one"]
    assert grammatik("Am 31.12.2023 lebten in A 6 Warden 4.471 Menschen (12,5\u00a0%).") == []


@pytest.mark.parametrize("sprache", ["de", "einfach"])
def test_every_sentence_on_every_area_is_german(
    gesagt: dict[str, list[tuple[str, str, str]]], sprache: str
) -> None:
    faults, n = [], 0
    for gebiet, key, words in gesagt[sprache]:
        n += bool(words)
        found = grammatik(words) if words else []
        if len(words) > LAENGE or VERBOTEN.search(words):
            found.append("length or wording")
        faults += [(gebiet, key, found, words)] if found else []
    assert n > 5_000
    assert faults[:3] == []


def test_einfache_sprache_is_short_and_has_no_subordinate_clause(
    profil: KommunalprofilBericht, gesagt: dict[str, list[tuple[str, str, str]]]
) -> None:
    explained = set(profil.katalog.index[profil.katalog["einfach"] != ""])
    assert len(explained) >= 30
    faults = []
    for gebiet, key, words in gesagt["einfach"]:
        if key in explained:
            sentences = re.split(r"(?<=[a-zäöüß0-9%²)])\. (?=[A-ZÄÖÜ])", words.replace("\u00a0", " "))
            long = [s for s in sentences if len(s.split()) > LAENGE_EINFACH or NEBENSATZ.search(s)]
            faults += [(gebiet, key, long)] if long else []
    assert faults[:3] == []


def test_the_summaries_of_all_kommunen_are_german(profil: KommunalprofilBericht) -> None:
    for sprache in ("de", "einfach"):
        s = profil.saetze(sprache)  # type: ignore[arg-type]
        for place in profil.kommunen.index:
            found = [
                s.kurz_bevoelkerung(place, "DEM01"),
                s.kurz_abweichung(place, "hoch"),
                s.kurz_abweichung(place, "tief"),
                s.kurz_spanne(place),
                s.kurz_verlauf(place),
            ]
            assert [grammatik(words) for words in found if words] == [[]] * sum(map(bool, found)), found
            assert sprache == "einfach" or all(found)
            assert not any(VERBOTEN.search(words) for words in found)


def test_nothing_is_said_about_a_suppressed_value(profil: KommunalprofilBericht) -> None:
    z, s = profil.zahlen, profil.saetze()
    hidden = z.status.loc[profil.kommune.index].stack()
    hidden = hidden[hidden == "geheim"]
    assert len(hidden) > 500
    for gebiet, key in hidden.index:
        words = s.lage(gebiet, key)
        assert words.endswith("Angabe aus Datenschutzgründen nicht möglich.")
        assert not re.search(r"\d", words.replace(s.subjekt(key), ""))
        assert s.verlauf(gebiet, key) == ""


def test_a_difference_is_claimed_only_beyond_chance(
    profil: KommunalprofilBericht, gesagt: dict[str, list[tuple[str, str, str]]]
) -> None:
    z = profil.zahlen
    value, low, high = (frame.stack() for frame in z.intervall)
    claimed = 0
    for gebiet, key, words in gesagt["de"]:
        first = words.split("Gegenüber")[0]
        if re.search(r"(deutlich|etwas) (höher|niedriger) als in der StädteRegion", first):
            claimed += 1
            region, place = z.wert.at[z.region, key], (gebiet, key)
            assert not low[place] <= region <= high[place] or low[place] == high[place]
            assert (value[place] > region) == ("höher" in first.split("als in der")[0])
    assert claimed > 1_000


def test_none_is_said_only_where_it_is_true_of_every_number(profil: KommunalprofilBericht) -> None:
    z, s = profil.zahlen, profil.saetze()
    rates = z.katalog.index[z.katalog["art"] != "anzahl"]
    side = {"hoch": ("deutlich_hoeher", "etwas_hoeher"), "tief": ("deutlich_niedriger", "etwas_niedriger")}
    for gebiet in [*profil.kommune.index, *profil.kommunen.index]:
        for richtung, words in side.items():
            there = z.zur_region.loc[gebiet, rates].isin(words).any()
            said = s.kurz_abweichung(gebiet, richtung)  # type: ignore[arg-type]
            assert ("kein wert" in said.lower()) != there, gebiet
            assert said.startswith("Soweit") == (
                not there and z.zur_region.loc[gebiet, rates].eq("").any()
            ), gebiet
        moved = z.verlauf.loc[gebiet, rates].str.startswith(("gestiegen", "gesunken")).any()
        assert ("kein Wert" in s.kurz_verlauf(gebiet)) != moved, gebiet


def test_nothing_is_compared_where_nothing_is_known(profil: KommunalprofilBericht) -> None:
    s = profil.saetze()
    place = "A 6"
    assert s.kurz_ohne_vergleich(place) == ""
    none = pd.DataFrame("", index=s.zahlen.zur_region.index, columns=s.zahlen.zur_region.columns)
    with pytest.MonkeyPatch.context() as patch:
        for name in ("zur_region", "zur_kommune", "verlauf"):
            patch.setitem(s.zahlen.__dict__, name, none)
        assert s.kurz_ohne_vergleich(place).startswith("Ein Vergleich ist nicht möglich")
        found = [s.kurz_abweichung(place, "hoch"), s.kurz_abweichung(place, "tief"), s.kurz_kommune(place)]
        assert [*found, s.kurz_verlauf(place)] == [""] * 4


def test_cases_stand_beside_a_value_only_where_they_give_it(profil: KommunalprofilBericht) -> None:
    z, s = profil.zahlen, profil.saetze()
    place = profil.ort_id
    for key in profil.indikatoren:
        if " von " in s._faelle(place, key):
            found = z.katalog.at[key, "faktor"] * z.zaehler.at[place, key] / z.nenner.at[place, key]
            assert found == pytest.approx(z.wert.at[place, key], rel=1e-3), key
    table = profil.zahlentafel([place], profil.indikatoren, "Test").html
    assert "Wert im Jahresmittel: Wanderungssaldo, Natürlicher Saldo, Fluktuation, " in table


def test_einfache_sprache_tells_no_number_twice(profil: KommunalprofilBericht) -> None:
    for gebiet in profil.kommune.index:
        s = profil.saetze("einfach")
        found = [s.kurz_abweichung(gebiet, "hoch"), s.kurz_abweichung(gebiet, "tief"), s.kurz_kommune(gebiet)]
        subjects = [
            re.sub(r"[\d.]+ von [\d.]+", "", words.split(". ")[0]) for words in found if "Das ist" in words
        ]
        assert len(subjects) == len(set(subjects)), gebiet


def test_cases_are_quoted_as_they_are(profil: KommunalprofilBericht) -> None:
    words = profil.saetze().lage("05334004", "SOZ01")
    z = profil.zahlen
    count, base = (int(f.at["05334004", "SOZ01"]) for f in (z.zaehler, z.nenner))
    assert f"({count:,} von {base:,})".replace(",", ".") in words


def test_both_languages_have_the_same_keys() -> None:
    german, plain = texts.keys("de"), texts.keys("einfach")
    assert {key for key in plain if key.startswith("saetze.")} == {
        key for key in german if key.startswith("saetze.")
    }
    assert {key for key in plain if not key.startswith("einfach.")} <= german


def test_articles_follow_the_gender_of_the_level() -> None:
    assert Ebene("region", "Kreis", "Kreise", "Kreisen", "m").ort == "im Kreis"
    assert Ebene("region", "Land", "Länder", "Ländern", "n").ort == "im Land"
    assert Ebene("region", "StädteRegion", "Regionen", "Regionen", "f").ort == "in der StädteRegion"


def test_a_region_of_other_gender_gets_other_articles(profil: KommunalprofilBericht) -> None:
    kreis = Ebene("region", "Kreis", "Kreise", "Kreisen", "m")
    s = Saetze(profil.zahlen, profil.kontext.mit(region_ebene=kreis), profil.alle_namen)
    assert "als im Kreis" in s.lage("05334004", "WOH02")
    assert "in der Kreis" not in s.lage("05334004", "WOH02")


def test_shares_in_einfache_sprache_never_read_alike_where_they_differ(profil: KommunalprofilBericht) -> None:
    s = profil.saetze("einfach")
    assert s.zahl(12.3, "SOZ01", 8.1) == "12 von 100"
    assert s.zahl(2.4, "SOZ01", 1.8) == "24 von 1.000"
    assert s.zahl(0.4, "SOZ01", 3.0) == "4 von 1.000"
    assert s.zahl(46.4, "SOZ01") == "46 von 100"
    assert s.zahl(12.5, "SOZ01") == "13 von 100"
    assert s.zahl(-2.3, "SOZ01", 4.0) == "−2,3 Prozent"
    assert s.zahl(123.4, "SOZ01") == "123,4 Prozent"
    assert s.zahl(0.02, "SOZ01", 3.0) == "weniger als 2 von 1.000"
    assert s.zahl(1.2, "SOZ01") == "12 von 1.000", "one of a hundred would want another verb"
    assert s.zahl(0.0, "SOZ01", 3.0) == "0 von 100"
    assert s.zahl(0.4, "SOZ01") == "4 von 1.000"
    assert s.zahl(100.0, "SOZ01", 99.8) == "1.000 von 1.000"


def test_einfache_sprache_tells_a_number_in_a_sentence(profil: KommunalprofilBericht) -> None:
    s = profil.saetze("einfach")
    assert (
        s.aussage("SOZ11", "47 von 100") == "47 von 100 Frauen von 15 bis 64 Jahren haben eine feste Arbeit"
    )
    assert s.aussage("DEM14", "40 von 100") == "In 40 von 100 Haushalten lebt nur ein Mensch"
    assert s.aussage("SOZ11", "weniger als 2 von 1.000").startswith("Weniger als 2 von 1.000 Frauen")
    assert s.aussage("WOH01", s.zahl(8.5, "WOH01")) == "Ein Quadrat-Meter Wohnung kostet 8,50 Euro im Monat"
    assert ": 112,5 Prozent" in s.aussage("SOZ11", s.zahl(112.5, "SOZ11")), "no share of a hundred"
    assert ": 12 von 100" in s.aussage("SOZ13", "12 von 100"), "nobody wrote a sentence"


def test_einfache_sprache_says_the_year_and_what_a_difference_may_mean(profil: KommunalprofilBericht) -> None:
    s, z = profil.saetze("einfach"), profil.zahlen
    told = [s.verlauf(area, key) for area in profil.kommune.index for key in ("SOZ01", "DEM08", "WOH01")]
    assert any("Im Jahr " in words for words in told)
    assert not any(re.search(r"\d\d\.\d\d\.\d{4}", words) for words in told)
    seen = set()
    for key in ("SOZ01", "GES03"):  # a higher value means more need, and less
        for area in profil.kommune.index:
            if (word := z.zur_region.at[area, key]) in KLAR:
                more = (word in KLAR[:2]) == (z.katalog.at[key, "polaritaet"] > 0)
                assert f"Hier brauchen {'mehr' if more else 'weniger'} Menschen Hilfe." in s.kern(area, key)
                seen.add((key, more))
    assert len(seen) == 4
    neutral = [s.kern(area, "DEM05") for area in profil.kommune.index]
    assert not any("Hilfe" in words for words in neutral)


def test_numbers_of_one_sentence_have_one_scale(profil: KommunalprofilBericht) -> None:
    s, seen = profil.saetze("einfach"), 0
    for gebiet in profil.kommune.index:
        for key in ("GES06", "SOZ01", "DEM05"):
            scales = set(re.findall(r"\d+ von ([\d.]+)", s.lage(gebiet, key).replace("1.000.", "1.000")))
            if {s.zahlen.zur_region.at[gebiet, key], s.zahlen.zur_kommune.at[gebiet, key]} <= set(KLAR):
                seen += 1
                assert len({of.rstrip(".") for of in scales}) == 1, s.lage(gebiet, key)
    assert seen > 10


def test_words_rise_with_the_distance(profil: KommunalprofilBericht) -> None:
    """Among values without doubt a larger distance never gets a weaker word."""
    rank = {
        "deutlich_niedriger": -2,
        "etwas_niedriger": -1,
        "aehnlich": 0,
        "etwas_hoeher": 1,
        "deutlich_hoeher": 2,
    }
    z = profil.zahlen
    for key in ("SOZ01", "DEM08", "INT02"):
        frame = pd.DataFrame({"z": z.abstand[key], "wort": z.zur_region[key]}).loc[profil.kommune.index]
        steps = frame[frame["wort"].isin(rank)].sort_values("z")["wort"].map(rank)
        assert all(a <= b for a, b in pairwise(steps))


def test_no_text_puts_an_article_before_the_noun_of_a_level() -> None:
    """A Bezirk is "er", a Gemeinde "sie": texts name the levels in the plural, or with words made for the gender."""
    article = re.compile(
        r"\b(ein\w*|d(er|ie|as|em|en|es)|jede\w*|meine?|ganze\w*|andere\w*|erste\w*|keine?\w*|welche\w*|zu[mr]|im)"
        r" \{(kommune|sozialraum|gebiet)\}"
    )
    for sprache in ("de", "einfach"):
        assert [
            key for key in texts.keys(sprache) if article.search(texts.vorlage(key, sprache=sprache))
        ] == []


def leicht(bericht: Any) -> list[str]:
    """Faults of what a page says in Einfache Sprache: form, length, subordinate clauses, trade words."""
    said = [words for words in bericht.einfache_saetze() if words]
    assert said
    out = [words for words in said if grammatik(re.sub(r"„[^“]*“", "Name", words).replace("?", "."))]
    for words in said:
        for one in re.split(r"(?<=[.?:]) (?=[A-ZÄÖÜ\d])", re.sub(r"„[^“]*“", "Name", words)):
            if (
                len(one.split()) > LAENGE_EINFACH
                or NEBENSATZ.search(one)
                or VERBOTEN.search(one)
                or FACHWORT.search(one)
            ):
                out.append(one)
    return out


@pytest.mark.parametrize("kind", [IndexBericht, ClusterBericht, VarianzBericht])
def test_every_page_of_findings_has_einfache_sprache(profil: KommunalprofilBericht, kind: type) -> None:
    report = kind(daten=profil.daten)
    assert leicht(report) == []
    assert "In Einfacher Sprache" in report.einfach().html


def test_the_findings_of_the_atlas_are_german(profil: KommunalprofilBericht) -> None:
    for key in profil.daten.indikatoren().index:
        atlas = AtlasBericht(daten=profil.daten, indikator=str(key))
        if profil.daten.indikatoren().at[key, "einfach"]:
            assert leicht(atlas) == []
        said = [unescape(words) for words in re.findall(r"<li>(.*?)</li>", atlas.kurzfassung().html)]
        assert said
        assert [grammatik(words) for words in said] == [[]] * len(said), said
        assert not re.search(r"\b0 von|in 0 ", " ".join(said)), said
