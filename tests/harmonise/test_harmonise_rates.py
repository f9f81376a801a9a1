"""Rates by hand: three Kommunen, always from counts."""

from __future__ import annotations

import math
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sozialanalyse.harmonise import berechne, pruefe_merkmale, pruefe_werte
from sozialanalyse.region.catalogue import lade_katalog

TAG = "2023-12-31"


def rechne(region, zahlen, seite="", status=None):
    """Indicators of the given counts: {(gebiet, feld): number}; ``seite`` replaces the indicators of a page."""
    if seite:
        region.seiten["arbeit"] = region.seiten["arbeit"].split("indikatoren:")[0] + "indikatoren:\n" + seite
    region.schreibe()
    katalog = lade_katalog(region.region)
    merkmale = pd.DataFrame(
        [
            {"gebiet_id": gebiet, "feld": feld, "stichtag": TAG, "wert": float(wert), "datenstand": TAG, "quelle_id": "q",
             "status": (status or {}).get((gebiet, feld), "unbekannt" if math.isnan(wert) else "wert"),
             "datei": "d", "blatt": "", "zelle": "A1"}
            for (gebiet, feld), wert in zahlen.items()
        ]
    )  # fmt: skip
    werte = berechne(merkmale, gebiete(region), katalog)
    return werte.set_index(["indikator_id", "gebiet_id"]), merkmale, katalog


def gebiete(region):
    rows = {"05999": ("region", ""), **{key: ("kommune", "05999") for key, *_ in region.kommunen}}
    rows |= {key: ("sozialraum", town) for key, town in region.gebiete.items()}
    frame = pd.DataFrame.from_dict(rows, orient="index", columns=["level", "oberhalb"])
    return frame.assign(flaeche_qkm=1.0)


def counts(alo, einwohner=None):
    areas = ["A 1a", "A 1b", "A 2", "W 1", "W 2", "W 3", "SI 1", "SI 2", "SI 3a"]
    found = {(key, "arbeit.alo"): n for key, n in zip(areas, alo, strict=False)}
    return found | {
        (key, "register.einwohner"): n for key, n in zip(areas, einwohner or [100] * 9, strict=True)
    }


def test_all_zero_and_gap(kleinregion):
    werte, *_ = rechne(
        kleinregion, counts([100, 0, 25, math.nan, 1, 2, 3, 4, 5], [100, 80, 0, 50, 50, 50, math.nan, 10, 10])
    )
    alo = werte.loc["ALO"]
    assert alo.loc["A 1a", "wert"] == 100
    assert alo.loc["A 1b", ["wert", "status"]].tolist() == [0, "wert"]
    assert alo.loc["A 2", "status"] == "nicht_sinnvoll"
    assert alo.loc["W 1", "status"] == "unbekannt"
    assert alo.loc["SI 1", "status"] == "unbekannt"
    assert alo.loc[["A 2", "W 1", "SI 1"], "wert"].isna().all()
    assert alo.loc["05999004", ["zaehler", "nenner"]].tolist() == [125, 180]
    assert alo.loc["05999004", "wert"] == pytest.approx(100 * 125 / 180)
    # incomplete Kommune: only the areas that have both counts
    assert alo.loc["05999008", ["wert", "zaehler", "nenner", "status"]].tolist() == [
        3,
        3,
        100,
        "unvollstaendig",
    ]
    assert alo.loc["05999012", ["wert", "zaehler", "nenner", "status"]].tolist() == [
        45,
        9,
        20,
        "unvollstaendig",
    ]
    assert alo.loc["05999", ["zaehler", "nenner", "status"]].tolist() == [137, 300, "unvollstaendig"]


def test_rate_of_a_kommune_is_no_mean_of_rates(kleinregion):
    werte, *_ = rechne(kleinregion, counts([10, 90, 0, 0, 0, 0, 0, 0, 0], [1000, 100, 100, *[100] * 6]))
    assert werte.loc[("ALO", "05999004"), "wert"] == pytest.approx(100 * 100 / 1200)


def test_counts_with_a_gap_stay_a_gap_above(kleinregion):
    werte, *_ = rechne(kleinregion, counts([1] * 9, [100, math.nan, *[100] * 7]))
    assert werte.loc["EW", "wert"].reindex(["05999004", "05999008", "05999"]).tolist() == pytest.approx(
        [math.nan, 300, math.nan], nan_ok=True
    )


def test_delivered_total_wins(kleinregion):
    numbers = counts([1, 2, math.nan, *[1] * 6]) | {
        ("05999004", "arbeit.alo"): 33,
        ("05999004", "register.einwohner"): 330,
    }
    werte, *_ = rechne(kleinregion, numbers)
    assert werte.loc[("ALO", "05999004"), ["wert", "zaehler", "nenner", "status"]].tolist() == [
        10,
        33,
        330,
        "wert",
    ]


def test_delivered_numerator_meets_the_sum_of_denominators(kleinregion):
    """A total holds the cases without an area and the suppressed ones; the base is whole."""
    numbers = counts([math.nan, 2, 3, *[1] * 6], [100, 200, 300, *[100] * 6]) | {
        ("05999004", "arbeit.alo"): 30
    }
    werte, *_ = rechne(kleinregion, numbers, status={("A 1a", "arbeit.alo"): "geheim"})
    assert werte.loc[("ALO", "05999004"), ["wert", "zaehler", "nenner", "status"]].tolist() == [
        5,
        30,
        600,
        "wert",
    ]
    numbers[("A 2", "register.einwohner")] = math.nan
    werte, *_ = rechne(kleinregion, numbers, status={("A 1a", "arbeit.alo"): "geheim"})
    assert werte.loc[("ALO", "05999004"), ["wert", "zaehler", "nenner", "status"]].tolist() == [
        1,
        2,
        200,
        "unvollstaendig",
    ]


def test_delivered_value_of_a_kommune_is_no_mean(kleinregion):
    page = "  Q: {name: a, thema: arbeit, art: wert, zaehler: quote, nenner: register.einwohner}\n"
    numbers = (
        counts([1] * 9)
        | {(key, "arbeit.quote"): 5.0 for key in [*kleinregion.gebiete]}
        | {("05999004", "arbeit.quote"): 7.0}
    )
    werte, *_ = rechne(kleinregion, numbers, page)
    assert werte.loc["Q", "wert"][["05999004", "05999008", "05999"]].tolist() == pytest.approx([7, 5, 17 / 3])


def test_secret_is_never_zero_and_speaks_first(kleinregion):
    key = ("A 1a", "arbeit.alo")
    werte, *_ = rechne(kleinregion, counts([math.nan, 2, 3, *[1] * 6]), status={key: "geheim"})
    assert werte.loc[("ALO", "A 1a"), "status"] == "geheim"
    assert math.isnan(werte.loc[("ALO", "A 1a"), "zaehler"])
    assert werte.loc[("ALO", "05999004"), ["zaehler", "status"]].tolist() == [5, "unvollstaendig"]


def test_uncertain_numbers_are_kept_but_not_shown(kleinregion):
    werte, *_ = rechne(
        kleinregion,
        counts([5] * 9),
        status={("A 1a", "arbeit.alo"): "unsicher", ("A 2", "arbeit.alo"): "vorlaeufig"},
    )
    assert werte.loc[("ALO", "A 1a"), ["zaehler", "status"]].tolist() == [5, "unsicher"]
    assert math.isnan(werte.loc[("ALO", "A 1a"), "wert"])
    assert werte.loc[("ALO", "A 2"), ["wert", "status"]].tolist() == [5, "vorlaeufig"]


def test_minimum_base(kleinregion):
    page = "  ALO: {name: a, thema: arbeit, zaehler: alo, nenner: register.einwohner, mindestnenner: 100}\n"
    werte, *_ = rechne(kleinregion, counts([5] * 9, [99, 100, *[50] * 7]), page)
    assert werte.loc["ALO", "status"][["A 1a", "A 1b", "05999008"]].tolist() == ["unsicher", "wert", "wert"]
    assert werte.loc["ALO", "wert"][["A 1a", "A 1b", "05999008"]].tolist() == pytest.approx(
        [math.nan, 5, 10], nan_ok=True
    )


def test_signed_sum_of_fields(kleinregion):
    page = "  REST: {name: a, thema: arbeit, zaehler: register.einwohner - alo, nenner: register.einwohner}\n"
    werte, *_ = rechne(kleinregion, counts([30, *[0] * 8]), page)
    assert werte.loc[("REST", "A 1a"), "wert"] == 70


@pytest.mark.parametrize(
    "page",
    [
        "  Q: {name: a, thema: arbeit, art: wert, zaehler: quote}\n",
        "  Q: {name: a, thema: arbeit, zaehler: quote, nenner: alo, anteil: false}\n",
        "  Q: {name: a, thema: arbeit, zaehler: alo, nenner: quote, anteil: false}\n",
    ],
)
def test_what_cannot_be_summed_is_not(kleinregion, page):
    numbers = counts([4] * 9) | {(key, "arbeit.quote"): 5.0 for key in kleinregion.gebiete}
    werte, *_ = rechne(kleinregion, numbers, page)
    assert werte.loc["Q", "wert"][list(kleinregion.gebiete)].notna().all()
    assert werte.loc["Q", "wert"][["05999004", "05999"]].isna().all()


def test_delivered_rate_with_a_weight_is_averaged_by_it(kleinregion):
    page = "  Q: {name: a, thema: arbeit, art: wert, zaehler: quote, nenner: register.einwohner}\n"
    numbers = counts([1] * 9, [100, 300, 600, *[100] * 6]) | {
        ("A 1a", "arbeit.quote"): 10,
        ("A 1b", "arbeit.quote"): 20,
        ("A 2", "arbeit.quote"): 5,
    }
    werte, *_ = rechne(kleinregion, numbers, page)
    assert werte.loc[("Q", "05999004"), "wert"] == pytest.approx((10 * 100 + 20 * 300 + 5 * 600) / 1000)


def test_a_partial_numerator_meets_no_full_denominator(kleinregion):
    """Three of four areas with 100 of 1,000 each, and a row of sums that brings only the denominator 4,000."""
    areas = ["A 1a", "A 1b", "A 2", "W 1"]
    kleinregion.kommunen = kleinregion.kommunen[:1]
    kleinregion.gebiete = dict.fromkeys(areas, "05999004")
    numbers = {(key, "register.einwohner"): 1000 for key in areas}
    numbers |= {(key, "arbeit.alo"): 100 for key in areas[:3]} | {("W 1", "arbeit.alo"): math.nan}
    for total in ("05999", "05999004"):
        werte, *_ = rechne(kleinregion, numbers | {(total, "register.einwohner"): 4000})
        for level in ("05999004", "05999"):
            row = werte.loc[("ALO", level), ["wert", "zaehler", "nenner", "status"]]
            assert row.tolist() == [10, 300, 3000, "unvollstaendig"], (total, level)


@given(
    st.lists(
        st.tuples(
            st.one_of(st.just(math.nan), st.integers(0, 50)),
            st.one_of(st.just(math.nan), st.integers(50, 500)),
        ),
        min_size=9, max_size=9,
    ),
    st.dictionaries(
        st.tuples(
            st.sampled_from(["05999", "05999004", "05999008"]), st.sampled_from(["arbeit.alo", "register.einwohner"])
        ),
        st.just(1.0), max_size=4,
    ),
)  # fmt: skip
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_numerator_and_denominator_are_of_the_same_areas(kleinregion, pairs, whole):
    """Every area has the rate one tenth: so has every sum, whatever is missing and whichever totals are delivered."""
    areas = [*kleinregion.gebiete]
    numbers: dict = {}
    full = {"arbeit.alo": 0.0, "register.einwohner": 0.0}
    for key, (alo, base) in zip(areas, pairs, strict=True):
        known = 1000.0
        numbers[(key, "register.einwohner")] = math.nan if math.isnan(base) else known
        numbers[(key, "arbeit.alo")] = math.nan if math.isnan(alo) else known / 10
        full["register.einwohner"] += known
        full["arbeit.alo"] += known / 10
    shares = {"05999": 1.0, "05999004": 3 / 9, "05999008": 3 / 9}
    numbers |= {(level, feld): full[feld] * shares[level] for level, feld in whole}
    werte, *_ = rechne(kleinregion, numbers)
    assert werte.loc["ALO", "wert"].dropna().tolist() == pytest.approx(
        [10] * werte.loc["ALO", "wert"].count()
    )


def test_ages_do_not_add_up_whatever_the_page_forgot(kleinregion):
    """The field is not marked as one that cannot be summed: 40 and 41 years are still not 81."""
    kleinregion.seiten["arbeit"] = kleinregion.seiten["arbeit"].replace(", summierbar: false", "")
    page = "  Q: {name: Alter, thema: arbeit, art: wert, zaehler: quote, einheit: Jahre}\n"
    numbers = counts([4] * 9) | {(key, "arbeit.quote"): 40.0 + n for n, key in enumerate(kleinregion.gebiete)}
    werte, _, katalog = rechne(kleinregion, numbers, page)
    assert werte.loc["Q", "wert"][["05999004", "05999"]].isna().all()
    assert werte.loc["Q", "zaehler"].isna().all(), "nobody was counted"
    assert not katalog.datensaetze["arbeit"].felder["quote"].summierbar
    assert katalog.datensaetze["arbeit"].felder["alo"].summierbar


def test_a_field_that_is_also_counted_is_a_count(kleinregion):
    page = (
        "  Q: {name: a, thema: arbeit, art: wert, zaehler: alo, einheit: Personen}\n"
        "  P: {name: b, thema: arbeit, art: anzahl, zaehler: alo, einheit: Personen}\n"
    )
    werte, _, katalog = rechne(kleinregion, counts([4] * 9), page)
    assert katalog.datensaetze["arbeit"].felder["alo"].summierbar
    assert werte.loc[("P", "05999004"), "wert"] == 12
    assert math.isnan(werte.loc[("Q", "05999004"), "wert"])


def test_a_count_keeps_what_it_is_protected_by(kleinregion):
    """Disclosure control judges the numerator; a count without one would leave unprotected."""
    werte, *_ = rechne(kleinregion, counts(range(9)))
    ew = werte.loc["EW"]
    assert ew["zaehler"].tolist() == ew["wert"].tolist()
    assert ew["zaehler"].notna().all()


# --- declared checks ----------------------------------------------------------------------------


ALLEIN = "  ALO: {name: a, thema: arbeit, zaehler: alo, nenner: register.einwohner}\n"


def checked(region, numbers, page="", **options):
    werte, merkmale, katalog = rechne(region, numbers, page, **options)
    own = merkmale[merkmale["feld"].str.startswith("arbeit.")]
    found = pruefe_merkmale(own, katalog.datensaetze["arbeit"], gebiete(region))
    return [
        (b.schwere, b.regel, b.text)
        for b in found + pruefe_werte(werte.reset_index(), katalog, gebiete(region))
    ]


def test_clean_counts_have_no_findings(kleinregion):
    assert checked(kleinregion, counts(range(1, 10), range(100, 109)), ALLEIN) == []


def test_missing_areas(kleinregion):
    found = checked(kleinregion, counts([1] * 7))
    assert found[0][:2] == ("fehler", "vollstaendig")
    assert "2 von 9 Gebieten fehlen (SI 2, SI 3a)" in found[0][2]
    kleinregion.seiten["arbeit"] += "vollstaendig: false\n"
    assert checked(kleinregion, counts([1] * 7))[0][:2] == ("warnung", "vollstaendig")


def test_part_exceeds_whole(kleinregion):
    found = checked(kleinregion, counts([1, 2, 3, 101, 5, 6, 7, 8, 9]))
    assert [text for grade, rule, text in found if (grade, rule) == ("fehler", "zaehler_im_nenner")] == [
        "ALO Arbeitslosenanteil, Stichtag 2023-12-31: In W 1 ist der Zähler größer als der Nenner."
    ]


def test_delivered_total_exceeds_its_whole(kleinregion):
    found = checked(kleinregion, counts(range(1, 10)) | {("05999004", "arbeit.alo"): 301})
    assert [text for _, rule, text in found if rule == "zaehler_im_nenner"] == [
        "ALO Arbeitslosenanteil, Stichtag 2023-12-31: In 05999004 ist der Zähler größer als der Nenner."
    ]


@pytest.mark.parametrize(
    ("total", "areas", "expected"),
    [
        (6, [1, 2, 3], []),
        (9, [1, 2, 3], [("hinweis", "summe")]),  # cases without an area
        (5, [1, 2, 3], [("warnung", "summe")]),
        (9, [1, 2, math.nan], []),  # the hidden one may hold the difference
        (2, [1, 2, math.nan], [("warnung", "summe")]),
    ],
)
def test_delivered_totals(kleinregion, total, areas, expected):
    numbers = counts([*areas, *range(1, 7)]) | {("05999004", "arbeit.alo"): total}
    found = checked(kleinregion, numbers)
    assert [b[:2] for b in found if b[1] == "summe"] == expected
    assert not any(
        f"{total:g} " in b[2] or f"({total}" in b[2] for b in found if b[1] == "summe"
    )  # no values


def test_totals_of_medians_are_no_sums(kleinregion):
    numbers = (
        counts(range(1, 10))
        | {(key, "arbeit.quote"): 5.0 for key in kleinregion.gebiete}
        | {("05999004", "arbeit.quote"): 5.0}
    )
    assert not [b for b in checked(kleinregion, numbers) if b[1] == "summe"]


def test_odd_values_are_warnings(kleinregion):
    page = "  ALO: {name: a, thema: arbeit, zaehler: alo, nenner: register.einwohner, bereich: [2, 5]}\n"
    found = checked(kleinregion, counts([1, 2, 3, 4, 5, 6, 3, 3, 3]), page)
    odd = [b for b in found if b[1] == "bereich"]
    assert odd[0][0] == "warnung"
    assert "2 Werte liegen außerhalb des üblichen Bereichs von 2 bis 5 (A 1a, W 3)" in odd[0][2]
    assert any(
        b[1] == "konstant" and b[2].startswith("ALO") for b in checked(kleinregion, counts([3] * 9), page)
    )
    assert any(
        b[1] == "leer" and b[2].startswith("ALO") for b in checked(kleinregion, counts([math.nan] * 9), page)
    )


def test_input_is_not_changed(kleinregion, tmp_path: Path):
    werte, merkmale, katalog = rechne(kleinregion, counts(range(9)))
    before = merkmale.copy()
    berechne(merkmale, gebiete(kleinregion), katalog)
    pd.testing.assert_frame_equal(merkmale, before)
