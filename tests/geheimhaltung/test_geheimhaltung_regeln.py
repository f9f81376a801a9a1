"""Dominance, rounding, a supplier's signs beside a rounded total, and results made of public values only."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from sozialanalyse import build
from sozialanalyse.analyse import clusters
from sozialanalyse.base.errors import DatenFehler, SozialanalyseFehler
from sozialanalyse.base.zwischenspeicher import Zwischenspeicher
from sozialanalyse.geheimhaltung import oeffentlich, sperren
from sozialanalyse.geheimhaltung.regeln import Regeln, primaer
from sozialanalyse.geheimhaltung.rundung import schritte
from sozialanalyse.region.catalogue import Katalog, lade_katalog
from sozialanalyse.region.region import Sperrprofil, lade_region
from sozialanalyse.seiten.teile.indizes import geschaetzt, themenindizes

TAG = "2023-12-31"


@pytest.fixture
def katalog(gebaut: Any) -> Katalog:
    return lade_katalog(lade_region(gebaut.ordner))


def dominiert(katalog: Katalog, profil: Sperrprofil, total: float, *largest: float) -> bool:
    """Whether one count of 1000 people is secret for its contributions."""
    rules = Regeln({"agentur": profil}, katalog, "oeffentlich", np.zeros(1, dtype=bool))
    parts = tuple(np.array([float(part)]) for part in largest)
    found = primaer(
        rules, katalog.indikatoren["ALO"], np.array([float(total)]), np.array([1000.0]), np.zeros(1, dtype=bool), parts
    )  # fmt: skip
    return bool(found.zahl[0])


@pytest.mark.parametrize(
    ("groesste", "anteil", "teile", "geheim"),
    [
        (1, 85, (85, 10), False),  # exactly k percent is not more than k percent
        (1, 85, (86, 10), True),
        (2, 90, (50, 40), False),
        (2, 90, (50, 41), True),
        (2, 90, (91, 0), True),
        (1, 85, (), True),  # nothing known of contributions
        (2, 90, (50,), True),  # the second could be 50
        (1, 85, (np.nan,), True),
        (2, 90, (50, np.nan), True),
    ],
)
def test_n_k_rule(katalog, groesste, anteil, teile, geheim):
    profil = Sperrprofil.model_validate({"dominanz": {"groesste": groesste, "anteil": anteil}})
    assert dominiert(katalog, profil, 100, *teile) == geheim


@pytest.mark.parametrize(
    ("p", "teile", "geheim"),
    [
        (10, (60, 34), False),  # the others hold 6, a tenth of the largest
        (10, (60, 35), True),  # the second could tell the largest to within 5 of 60
        (10, (50, 25), False),
        (10, (100, 0), True),  # a single contributor
        (50, (50, 26), True),
        (10, (60,), True),  # the rule needs the two largest
        (10, (), True),
        (10, (60, np.nan), True),
    ],
)
def test_p_percent_rule(katalog, p, teile, geheim):
    assert dominiert(katalog, Sperrprofil(p_prozent=p), 100, *teile) == geheim


def test_nothing_is_not_dominated(katalog):
    """A count of zero has no contributors, whether they were delivered or not."""
    for profil in (Sperrprofil(p_prozent=10), Sperrprofil(dominanz={"groesste": 1, "anteil": 85})):
        assert not dominiert(katalog, profil, 0)
        assert dominiert(katalog, profil, 1)


def test_a_dominated_count_is_hidden_and_protected_like_any_other(kleinregion):
    """The largest employer of W 1 holds 28 of its 30; contributions come with the delivery."""
    kleinregion.region_yml = kleinregion.region_yml.replace(
        "agentur: {mindestfallzahl: 10,", "agentur: {mindestfallzahl: 10, dominanz: {groesste: 1, anteil: 85},"
    )  # fmt: skip
    page = kleinregion.seiten["arbeit"]
    kleinregion.seiten["arbeit"] = page.replace(
        "alo: {spalte: Arbeitslose}",
        "alo: {spalte: Arbeitslose, beitraege: [groesster]}\n  groesster: {spalte: Quote}",
    ).replace("  quote: {spalte: Quote", "  quote: {spalte: [Quote, Rate]")
    for row in kleinregion.arbeit:
        row[3] = 28 if row[0] == "W 1" else 2
    kleinregion.build()
    public = kleinregion.daten("oeffentlich").werte("ALO", TAG, None).set_index("gebiet_id")
    gone = set(public.index[public["status"] == "geheim"])
    assert "W 1" in gone
    assert len(gone & {"W 2", "W 3"}) == 1, "the total of the Kommune would give it away"


def urteil(
    katalog: Katalog, profil: Sperrprofil, count: float, base: float, **options: Any
) -> tuple[bool, bool, bool]:
    """Whether the rules hide a count, what is left to its base, and a rate on it."""
    audience = options.pop("audience", "oeffentlich")
    rules = Regeln({"agentur": profil}, katalog, audience, np.array([options.pop("eigen", False)]))
    secret = np.array([options.pop("geheim", False)])
    found = primaer(rules, katalog.indikatoren["ALO"], np.array([count]), np.array([base]), secret)
    return bool(found.zahl[0]), bool(found.rest[0]), bool(found.basis[0])


@pytest.mark.parametrize(
    ("count", "base", "rules", "expected"),
    [
        (1.0, 500.0, {}, (True, False, False)),
        (9.0, 500.0, {}, (True, False, False)),
        (10.0, 500.0, {}, (False, False, False)),
        (0.0, 500.0, {}, (False, False, False)),
        (0.0, 500.0, {"null_zeigen": False}, (True, False, False)),
        (0.0, 500.0, {"null_zeigen": False, "mindestfallzahl": 0}, (False, False, False)),
        (499.0, 500.0, {}, (False, True, False)),  # all but exactly one
        (491.0, 500.0, {}, (False, True, False)),
        (490.0, 500.0, {}, (False, False, False)),
        (500.0, 500.0, {}, (False, False, False)),
        (499.0, 500.0, {"komplement": False}, (False, False, False)),
        (50.0, 99.0, {}, (False, False, True)),
        (50.0, 100.0, {}, (False, False, False)),
        (50.0, np.nan, {}, (False, False, True)),  # nobody knows how large the base is
        (50.0, np.nan, {"mindestnenner": 0}, (False, False, False)),
        (np.nan, 500.0, {}, (False, False, False)),  # nothing there to hide
    ],
)  # fmt: skip
def test_every_rule_at_its_edge(katalog, count, base, rules, expected):
    profil = Sperrprofil.model_validate({"mindestfallzahl": 10, "mindestnenner": 100} | rules)
    assert urteil(katalog, profil, count, base) == expected


def test_what_the_supplier_hides_is_secret_where_a_minimum_holds(katalog):
    assert urteil(katalog, Sperrprofil(mindestfallzahl=10), np.nan, 500.0, geheim=True)[0]
    assert not urteil(katalog, Sperrprofil(), np.nan, 500.0, geheim=True)[0]


def test_own_kommune_and_house_have_minima_of_their_own(katalog):
    profil = Sperrprofil(
        mindestfallzahl=10, mindestfallzahl_kommune=5, mindestfallzahl_intern=3, mindestnenner=100
    )
    assert urteil(katalog, profil, 7.0, 500.0) == (True, False, False)
    assert urteil(katalog, profil, 7.0, 500.0, eigen=True) == (False, False, False)
    assert urteil(katalog, profil, 4.0, 500.0, eigen=True) == (True, False, False)
    assert urteil(katalog, profil, 4.0, 50.0, audience="intern") == (False, False, False)
    assert urteil(katalog, profil, 2.0, 50.0, audience="intern") == (True, False, False)
    same = profil.model_copy(update={"mindestfallzahl_kommune": None})
    assert urteil(katalog, same, 7.0, 500.0, eigen=True) == (True, False, False)
    none = profil.model_copy(update={"mindestfallzahl_kommune": 0})
    assert urteil(katalog, none, 1.0, 500.0, eigen=True) == (False, False, False)


def test_width_is_the_minimum_unless_the_profile_says_otherwise(katalog):
    rules = {
        "agentur": Sperrprofil(mindestfallzahl=10),
        "melde": Sperrprofil(mindestfallzahl=3, schutzbreite=4),
    }
    one = Regeln(rules, katalog, "oeffentlich", np.zeros(1, dtype=bool))
    secret = np.zeros(1, dtype=bool)
    for key, width in (("ALO", 10), ("AB65", 4)):
        found = primaer(one, katalog.indikatoren[key], np.array([2.0]), np.array([500.0]), secret)
        assert found.breite.tolist() == [width]
        assert one.mindestbreite(katalog.indikatoren[key]) == width
    assert one.feld("arbeit.alo").tolist() == [10]
    assert one.feld("register.alte").tolist() == [3]
    assert one.feld("fremd.feld").tolist() == [10], "of what no page tells the strictest rule holds"


def test_a_contribution_that_is_mistyped_or_missing_hides_the_count(kleinregion):
    """The page names a field that does not exist: refused. It names no field: hidden, and check says so."""
    kleinregion.region_yml = kleinregion.region_yml.replace(
        "agentur: {mindestfallzahl: 10,", "agentur: {mindestfallzahl: 10, dominanz: {groesste: 1, anteil: 85},"
    )  # fmt: skip
    page = kleinregion.seiten["arbeit"]
    kleinregion.seiten["arbeit"] = page.replace(
        "alo: {spalte: Arbeitslose}", "alo: {spalte: Arbeitslose, beitraege: [grosster]}"
    )
    with pytest.raises(SozialanalyseFehler, match=r"beitraege: Das Feld „grosster“ gibt es nicht"):
        kleinregion.build()
    kleinregion.seiten["arbeit"] = page
    told = [str(one) for one in kleinregion.build().befunde if one.regel == "geheimhaltung"]
    assert told == [
        "ALO Arbeitslosenanteil: Das Sperrprofil „agentur“ prüft, ob wenige fast alles ausmachen. Dazu fehlt der größte Beitrag; ohne sie "
        "wird der Indikator der Öffentlichkeit nicht gezeigt. Bitte die Spalten liefern lassen und am Feld des Zählers als „beitraege“ "
        "nennen oder ein anderes Sperrprofil wählen."
    ]
    public = kleinregion.daten("oeffentlich").werte("ALO", level=None)
    assert public["wert"].isna().all()
    kleinregion.region_yml = kleinregion.region_yml.replace(
        "dominanz: {groesste: 1, anteil: 85}", "p_prozent: 15"
    )
    told = [str(one) for one in kleinregion.build().befunde if one.regel == "geheimhaltung"]
    assert "Dazu fehlen die 2 größten Beiträge" in told[0]
    assert kleinregion.daten("oeffentlich").werte("EW", level=None)["wert"].notna().all()


def gerundet(gebaut: Any, katalog: Katalog, **rules: Any) -> tuple[pd.DataFrame, pd.DataFrame]:
    """True and public values of the last date when the employment agency's profile rounds."""
    inside = gebaut.daten().werte(level=None)
    profile = {"melde": Sperrprofil(), "agentur": Sperrprofil.model_validate(rules)}
    public = oeffentlich(inside, gebaut.daten()._gebiete, katalog, profile)
    true, shown = (
        frame[frame["stichtag"] == TAG].set_index(["indikator_id", "gebiet_id"]).sort_index()
        for frame in (inside, public)
    )
    return true, shown


def test_counts_in_multiples_of_ten_and_rates_made_of_them(gebaut, katalog):
    true, public = gerundet(gebaut, katalog, rundung_zahl=10)
    found = public.loc["ALO"]
    assert (found["zaehler"] % 10 == 0).all()
    assert (found["zaehler"] - true.loc["ALO", "zaehler"]).abs().max() <= 5
    assert found.loc["W 3", "zaehler"] == 10  # 12
    assert found.loc["SI 3a", "zaehler"] == 20  # 18
    assert found["wert"].tolist() == pytest.approx((100 * found["zaehler"] / found["nenner"]).tolist())
    assert found.loc["W 3", "wert"] == pytest.approx(100 * 10 / 900)  # the rate does not undo it
    pd.testing.assert_frame_equal(public.loc["EW"], true.loc["EW"])  # another profile
    pd.testing.assert_frame_equal(public.loc["QUOTE"], true.loc["QUOTE"])  # no count


def test_a_rounded_count_is_rounded_as_the_base_of_others_too(gebaut, katalog):
    """Residents in tens: no rate shows them exactly, in its own dataset or another; its own cases stay as they are."""
    inside = gebaut.daten().werte(level=None)
    profile = {"melde": Sperrprofil(rundung_zahl=10), "agentur": Sperrprofil()}
    public = oeffentlich(inside, gebaut.daten()._gebiete, katalog, profile).set_index("indikator_id")
    for key, column in (("EW", "zaehler"), ("AB65", "nenner"), ("AB65", "zaehler"), ("ALO", "nenner")):
        shown = public.loc[key, column].dropna()
        assert len(shown)
        assert (shown % 10 == 0).all(), (key, column)
    true = inside.set_index("indikator_id")
    assert public.loc["ALO", "zaehler"].tolist() == true.loc["ALO", "zaehler"].tolist()
    rate = public.loc["ALO"].dropna(subset="wert")
    assert rate["wert"].tolist() == pytest.approx((100 * rate["zaehler"] / rate["nenner"]).tolist())
    coarse = {"melde": Sperrprofil(rundung_zahl=2000), "agentur": Sperrprofil()}
    none = oeffentlich(inside, gebaut.daten()._gebiete, katalog, coarse).set_index("indikator_id").loc["ALO"]
    gone = none[none["wert"].isna() & (none["gebiet_id"] != "")]
    assert len(gone) > 2, "areas of less than 1,000 round to nothing"
    assert not (gone["status"] == "wert").any(), "a gap has its reason"
    assert gone[["zaehler", "nenner"]].isna().all(axis=None)
    steps = schritte(katalog, profile)
    assert steps.loc["ALO"].tolist() == [0, 10]
    assert steps.loc["QUOTE"].tolist() == [0, 0]
    own = {"melde": Sperrprofil(), "agentur": Sperrprofil(rundung_zahl=5)}
    assert schritte(katalog, own).loc[["ALO", "AB65"]].to_numpy().tolist() == [[5, 0], [0, 0]]


def test_whole_percent_without_counts(gebaut, katalog):
    true, public = gerundet(gebaut, katalog, rundung_wert=1)
    for key in ("ALO", "QUOTE"):
        found = public.loc[key, "wert"].dropna()
        assert (found % 1 == 0).all()
        assert (found - true.loc[key, "wert"]).abs().max() <= 0.5
        assert public.loc[key, "zaehler"].isna().all(), "a count would give the exact rate"
    assert public.loc[("ALO", "W 3"), "wert"] == 1  # 12 of 900
    assert public.loc[("ALO", "W 2"), "wert"] == 4  # 110 of 2500
    half = gerundet(gebaut, katalog, rundung_wert=0.5)[1]
    assert half.loc[("ALO", "W 2"), "wert"] == 4.5
    pd.testing.assert_frame_equal(public.loc["AB65"], true.loc["AB65"])


@pytest.mark.parametrize(
    ("value", "step", "expected"),
    [
        (25, 10, 30),
        (35, 10, 40),
        (24.9, 10, 20),
        (5, 10, 10),
        (-25, 10, -30),
        (0.25, 0.1, 0.3),
        (0.35, 0.1, 0.4),
        (0, 5, 0),
    ],
)
def test_halves_are_rounded_up_as_by_hand(value, step, expected):
    """Not to the even neighbour, as computers do unless told otherwise."""
    assert sperren.gerundet(pd.Series([value, np.nan]), step).tolist()[0] == pytest.approx(expected)


WEB = """\
id: netz
name: Zahlen im Netz
zeile_ist: eine Kommune
quelle: {anbieter: Agentur, lizenz: offen}
dateien: netz.csv
symbolprofil: agentur
sperrprofil: agentur
vollstaendig: false
tabelle:
  format: csv
  kopf: {erkennbar_an: AGS}
  schluessel: {spalten: [AGS]}
  stichtag: {aus: fest, wert: "2023"}
felder:
  alo: {spalte: Arbeitslose}
indikatoren:
  NETZ: {name: Arbeitslose gerundet, thema: arbeit, art: anzahl, zaehler: alo, einheit: Personen}
"""


def test_a_suppliers_sign_beside_a_total_rounded_to_ten(kleinregion):
    """(v) of the acceptance examples: 30, 110 and * in W; the agency's own page says 150 for the Kommune."""
    kleinregion.region_yml = kleinregion.region_yml.replace(
        '"*": {status: geheim}', '"*": {status: geheim, von: 1, bis: 9}'
    )
    for row in kleinregion.arbeit:
        if row[0] == "W 3":
            row[2] = "*"
    kleinregion.seiten["netz"] = WEB
    kleinregion.schreibe()
    (kleinregion.lieferungen / "netz.csv").write_text(
        "AGS;Arbeitslose\n05999004;200\n05999008;150\n05999012;110\n", encoding="utf-8"
    )
    build.build(kleinregion.ordner)
    inside = kleinregion.daten()
    bounds = inside.grenzen("ALO", TAG).set_index("gebiet_id")
    assert bounds.loc["W 3", ["zaehler_unten", "zaehler_oben"]].tolist() == [1, 9]  # 150 - 140 proves nothing
    assert bounds.loc["W 3", ["unten", "oben"]].tolist() == pytest.approx([100 / 900, 900 / 900])
    assert bounds.loc["05999008", ["zaehler_unten", "zaehler_oben"]].tolist() == [141, 149]
    assert set(bounds.index) == {"W 3", "05999008", "05999"}
    for audience in ("intern", "oeffentlich"):
        found = kleinregion.daten(audience).werte("ALO", TAG, None).set_index("gebiet_id")
        assert np.isnan(found.loc["W 3", "wert"]), "nothing is put in its place"
        assert found.loc["W 3", "status"] == "geheim"
        whole = found.loc["05999008"]
        assert (whole["zaehler"], whole["nenner"], whole["status"]) == (140, 4000, "unvollstaendig")
        assert found.loc[["W 1", "W 2"], "zaehler"].tolist() == [30, 110]
        other = kleinregion.daten(audience).werte("NETZ", TAG, None).set_index("gebiet_id")
        assert other.loc["05999008", "wert"] == 150
    for ask in ("grenzen", "mitten"):
        with pytest.raises(DatenFehler, match="nur intern"):
            getattr(kleinregion.daten("oeffentlich"), ask)("ALO", TAG)


def test_middle_of_an_interval_stands_in_internal_indices_only_and_is_told(kleinregion, tmp_path):
    """(v) again: for an index the middle of 1 to 9 serves, within the house and with a flag."""
    kleinregion.region_yml = kleinregion.region_yml.replace(
        '"*": {status: geheim}', '"*": {status: geheim, von: 1, bis: 9}'
    )
    kleinregion.seiten["arbeit"] = kleinregion.seiten["arbeit"].replace(
        'polaritaet: "+"}', 'polaritaet: "+", index: {arbeit: 1}}'
    )
    for row in kleinregion.arbeit:
        if row[0] == "W 3":
            row[2] = "*"
    kleinregion.build()
    inside, outside = kleinregion.daten(), kleinregion.daten("oeffentlich")
    middle = inside.mitten("ALO", TAG)["ALO"]
    assert middle["W 3"] == pytest.approx(100 * 5 / 900)
    assert middle.drop("W 3").isna().all()
    assert np.isnan(inside.matrix("ALO", TAG).loc["W 3", "ALO"])
    index = themenindizes(inside, Zwischenspeicher(tmp_path / "innen"), TAG, draws=20)["arbeit"]
    keys = list(index.weights.index)
    assert index.z.loc["W 3", "ALO"] == pytest.approx(
        (100 * 5 / 900 - index.base.mean["ALO"]) / index.base.sd["ALO"]
    )
    assert geschaetzt(inside, keys, TAG)[lambda flag: flag].index.tolist() == ["W 3"]
    public = themenindizes(outside, Zwischenspeicher(tmp_path / "aussen"), TAG, draws=20)["arbeit"]
    assert np.isnan(public.z.loc["W 3", "ALO"])
    assert not geschaetzt(outside, keys, TAG).any()


def ausgewertet(region: Any, ordner: Any) -> dict[str, Any]:
    """Everything computed for the public: values, mean, index and types."""
    daten = region.daten("oeffentlich")
    matrix = daten.matrix(["ALO", "QUOTE", "AB65"], TAG)
    index = themenindizes(daten, Zwischenspeicher(ordner), TAG, draws=20)["arbeit"]
    types = clusters.cluster(matrix.dropna(), k=2, bootstrap=0)
    return {"werte": daten.werte(level=None), "matrix": matrix, "index": index.values, "typen": types.labels}


def test_results_for_the_public_know_nothing_of_hidden_values(neue_region, tmp_path):
    """Two regions that differ in nothing but hidden counts; and a table in which they never were."""
    done = []
    for name, small, other in (("eins", 7, 30), ("zwei", 4, 33)):
        region = neue_region(name)
        region.seiten["arbeit"] = region.seiten["arbeit"].replace(
            'polaritaet: "+"}', 'polaritaet: "+", index: {arbeit: 1}}'
        )
        for row in region.arbeit:
            row[2] = {"W 3": small, "W 1": other}.get(row[0], row[2])
        region.build()
        inside = region.daten().matrix("ALO", TAG)["ALO"]
        assert inside[["W 3", "W 1"]].tolist() == pytest.approx([100 * small / 900, 100 * other / 1500])
        done.append(ausgewertet(region, tmp_path / "speicher" / name))
    one, two = done
    assert set(one["matrix"].index[one["matrix"]["ALO"].isna()]) == {"W 1", "W 3"}
    pd.testing.assert_frame_equal(
        one["werte"].drop(columns="quelle_id"), two["werte"].drop(columns="quelle_id")
    )
    pd.testing.assert_series_equal(one["index"], two["index"])
    pd.testing.assert_series_equal(one["typen"], two["typen"])
    absent = region.daten().matrix(["ALO", "QUOTE", "AB65"], TAG)
    absent.loc[["W 1", "W 3"], "ALO"] = np.nan
    pd.testing.assert_frame_equal(absent, one["matrix"])
    assert one["matrix"]["ALO"].mean() == absent["ALO"].mean()
    again = clusters.cluster(absent.dropna(), k=2, bootstrap=0).labels
    pd.testing.assert_series_equal(again, one["typen"])
