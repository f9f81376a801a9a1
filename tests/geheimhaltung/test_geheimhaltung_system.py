"""The linear system against what is counted by hand: random small worlds, every cell, target, reason and decision."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from test_geheimhaltung_sperren import TAG, areas, catalogue, indicator

from sozialanalyse.geheimhaltung.angriff import angriff
from sozialanalyse.geheimhaltung.regeln import Regeln
from sozialanalyse.geheimhaltung.system import GRUENDE, _Bau, system
from sozialanalyse.geheimhaltung.wissen import Wissen, Zaehlfelder
from sozialanalyse.geheimhaltung.zeitlich import Fortschreibung
from sozialanalyse.region.region import Sperrprofil

K, BASIS = 10, 120
INDIKATOREN = {
    "I0": ("a", "n"),
    "I1": ("b", "n"),
    "I2": ("a + b", "n"),
    "I3": ("c", None),
    "I4": ("a", "m"),
    "I5": ("n - a", "n"),
}
ANTEIL = {"I0", "I1", "I2", "I5"}


class Welt:
    """Fields a, b, c, n, m of a few areas with everything that can be said of them by adding up."""

    def __init__(self, seed: int) -> None:
        rng = np.random.default_rng(seed)
        self.gebiete = areas(3, 2, 4).sort_index()
        self.klein = list(self.gebiete.index[self.gebiete["level"] == "sozialraum"])
        size = len(self.klein)
        n = rng.integers(60, 400, size)
        a = np.minimum(rng.poisson(rng.choice([4, 12, 40], size)), n)
        a[0], a[1] = n[0] - 5, 0
        self.felder = pd.DataFrame(
            {"d.a": a, "d.b": rng.poisson(15, size), "d.c": rng.poisson(9, size), "d.n": n, "d.m": rng.integers(90, 200, size)},
            index=self.klein, dtype=float,
        )  # fmt: skip
        self.geheim = {self.klein[3]}
        self.profil = Sperrprofil(mindestfallzahl=K, mindestnenner=BASIS)
        self.katalog = catalogue(
            *(indicator(key, z, n_, anteil=key in ANTEIL) for key, (z, n_) in INDIKATOREN.items())
        )

    def unter(self, area: str) -> list[str]:
        owner = self.gebiete["oberhalb"]
        return [one for one in self.klein if area in (one, owner[one], owner[owner[one]])]

    def zahl(self, area: str, expression: str | None) -> float:
        """Sum of signed fields; NaN where a supplier hides b of the area itself."""
        if expression is None:
            return np.nan
        total = 0.0
        for term in expression.replace("- ", "-").replace("+ ", "").split():
            sign, name = (-1, term[1:]) if term.startswith("-") else (1, term)
            total += sign * self.felder.loc[self.unter(area), f"d.{name}"].sum()
        return total

    def bekannt(self, area: str, expression: str | None) -> bool:
        return not (expression and "b" in expression and area in self.geheim)

    def werte(self) -> pd.DataFrame:
        rows = []
        for key, (z, n) in INDIKATOREN.items():
            for area in self.gebiete.index:
                told = self.bekannt(area, z)
                count, base = self.zahl(area, z) if told else np.nan, self.zahl(area, n)
                value = count if n is None else 100 * count / base
                rows.append((area, key, TAG, value, count, base, "wert" if told else "geheim"))
        columns = ["gebiet_id", "indikator_id", "stichtag", "wert", "zaehler", "nenner", "status"]
        return pd.DataFrame(rows, columns=columns)

    def gruende(self, key: str, area: str) -> set[str]:
        """Rules that hide a value of its own."""
        z, n = INDIKATOREN[key]
        count, base = self.zahl(area, z), self.zahl(area, n)
        found = set()
        if "-" not in z and (0 < count < K or not self.bekannt(area, z)):
            found.add("zahl")
        if "-" not in z and key in ANTEIL and 0 < base - count < K and self.bekannt(area, z):
            found.add("rest")
        if n is not None and base < BASIS:
            found.add("basis")
        return found


@pytest.fixture(params=range(4))
def lage(request):
    welt = Welt(request.param)
    regeln = Regeln({"p": welt.profil}, welt.katalog, "oeffentlich", np.zeros(len(welt.gebiete), dtype=bool))
    told = welt.felder.copy()
    told.loc[list(welt.geheim), "d.b"] = np.nan
    none = pd.DataFrame(False, index=told.index, columns=told.columns)
    geheim = none.copy()
    geheim.loc[list(welt.geheim), "d.b"] = True
    werte = welt.werte()
    bau = _Bau(werte, welt.gebiete, regeln, Zaehlfelder(told, geheim, none), Wissen())
    atome = np.concatenate([welt.felder[group].sum(axis=1).reindex(welt.klein) for group in bau.groups])
    return welt, werte, bau.fertig(), atome


def test_cells_are_what_is_printed(lage):
    welt, werte, built, atome = lage
    tafel = built.tafel
    true = tafel.zellen @ atome
    told = ~np.isnan(tafel.werte)
    np.testing.assert_allclose(true[told], tafel.werte[told])
    row, first, second = built.zeilen.T
    assert sorted(row) == list(range(len(werte)))
    for r, z, n in zip(row, first, second, strict=True):
        area, key = werte.loc[r, ["gebiet_id", "indikator_id"]]
        assert true[z] == welt.zahl(area, INDIKATOREN[key][0])
        assert true[n] == welt.zahl(area, INDIKATOREN[key][1] or INDIKATOREN[key][0])
    nothing = np.zeros(tafel.entscheidungen, dtype=bool)
    seen = tafel.sichtbar(nothing)
    for r, z, n in zip(row, first, second, strict=True):
        assert seen[[z, n]].all() == werte["wert"].notna()[r] or seen[[z, n]].any()
    everything = nothing | True
    assert not tafel.sichtbar(everything).any()


def test_a_cell_is_known_as_long_as_one_place_shows_it(lage):
    """a / n and a / m both print a: it is hidden only where both rows are, and n stays in other rows."""
    _, werte, built, _ = lage
    row, first, second = built.zeilen.T
    place = {
        tuple(werte.loc[r, ["indikator_id", "gebiet_id"]]): (z, n)
        for r, z, n in zip(row, first, second, strict=True)
    }
    (a, n), (a2, m) = place["I0", "K1"], place["I4", "K1"]
    assert a == a2
    hide = np.zeros(built.tafel.entscheidungen, dtype=bool)
    hide[n] = True
    assert built.tafel.sichtbar(hide)[a]
    assert not built.tafel.sichtbar(hide)[n]
    hide[m] = True
    assert not built.tafel.sichtbar(hide)[a]
    assert set(built.gesperrt(hide)) == {
        r for r in row if werte.loc[r, "gebiet_id"] == "K1" and werte.loc[r, "indikator_id"] != "I3"
    }


def test_rules_hide_what_they_name_and_what_shares_a_count_with_it(lage):
    welt, werte, built, _ = lage
    own = {r: welt.gruende(*werte.loc[r, ["indikator_id", "gebiet_id"]]) for r in werte.index}
    secret = {
        (INDIKATOREN[key][0], area)
        for key, area in zip(werte["indikator_id"], werte["gebiet_id"], strict=True)
        if welt.gruende(key, area)
    }
    expected = {
        r for r in werte.index
        if {(text, werte.loc[r, "gebiet_id"]) for text in INDIKATOREN[werte.loc[r, "indikator_id"]] if text} & secret
    }  # fmt: skip
    assert set(built.gesperrt(built.verdeckt)) == expected
    for r, reasons in own.items():
        assert built.grund[r] == next((word for word in GRUENDE if word in reasons), "")
    assert not built.verdeckt[-1]


def test_every_secret_is_a_target_of_its_width(lage):
    welt, _, built, atome = lage
    tafel, found = built.tafel, built.ziel
    true = tafel.ziele @ atome
    names = welt.gebiete.index[found["gebiet"].astype(int)]
    assert (tafel.breite == K).all()
    have = set()
    for i, (area, kind, key) in enumerate(zip(names, found["art"], found["indikator"], strict=True)):
        if kind == "feld":
            have.add((area, kind, key))
            assert true[i] == sum(welt.zahl(area, part.partition(".")[2]) for part in key.split(" + "))
            continue
        z, n = INDIKATOREN[key]
        whole = welt.zahl(area, n)
        assert true[i] == (welt.zahl(area, z) if kind == "zahl" else whole - welt.zahl(area, z))
        bound = tafel.ziel_hoechstens[i]
        assert (bound >= 0) == (key in ANTEIL)
        assert bound < 0 or tafel.werte[bound] == whole
        assert (tafel.ziel_zelle[i] == bound) if kind == "rest" else (tafel.ziel_zelle[i] == -1)
        have.add((area, kind, z))
    expected = set()
    for key, (z, _) in INDIKATOREN.items():
        for area in welt.gebiete.index:
            reasons = welt.gruende(key, area)
            expected |= {(area, "zahl", z)} if reasons & {"zahl", "basis"} and z != "n - a" else set()
            expected |= {(area, "zahl", z)} if "basis" in reasons else set()
            expected |= {(area, "rest", z)} if "rest" in reasons else set()
    assert have == expected
    assert len(have) == len(found)


def test_what_is_never_negative_holds_in_the_true_world(lage):
    welt, _, built, atome = lage
    tafel = built.tafel
    assert (tafel.ungleich @ atome >= tafel.ungleich_wert - 1e-9).all()
    holds = [
        area
        for key in sorted(ANTEIL)
        for area in welt.klein
        if not (
            welt.bekannt(area, INDIKATOREN[key][0])
            and welt.zahl(area, INDIKATOREN[key][0]) > welt.zahl(area, "n")
        )
    ]
    whole = (tafel.zellen @ atome)[tafel.ungleich_zelle]
    np.testing.assert_array_equal(whole, [welt.zahl(area, "n") for area in holds])


def test_hiding_costs_more_for_totals_and_large_counts(lage):
    """(0.1 + values lost) x (1 + share of the largest area) x 4 for a Kommune, 40 for the region."""
    welt, werte, built, _ = lage
    row, first, _ = built.zeilen.T
    cost = {
        tuple(werte.loc[r, ["indikator_id", "gebiet_id"]]): built.kosten[z]
        for r, z in zip(row, first, strict=True)
    }
    largest = welt.felder["d.c"].max()
    for area, level in welt.gebiete["level"].items():
        factor = {"sozialraum": 1, "kommune": 4, "region": 40}[level]
        share = min(welt.zahl(area, "c") / largest, 1)
        assert cost["I3", area] == pytest.approx(1.1 * (1 + share) * factor)
    assert cost["I0", "K0"] == pytest.approx(
        2.1 * (1 + min(welt.zahl("K0", "a") / welt.felder["d.a"].max(), 1)) * 4
    )


def test_sums_lead_from_areas_to_kommune_to_region(lage):
    welt, _, built, _ = lage
    tafel, size = built.tafel, len(welt.gebiete)
    pairs = {(int(s) % size, int(t) % size) for s, t in zip(tafel.summen, tafel.teile, strict=True)}
    place = {area: i for i, area in enumerate(welt.gebiete.index)}
    assert pairs == {(place[above], place[area]) for area, above in welt.gebiete["oberhalb"].items() if above}
    assert (tafel.summen // size == tafel.teile // size).all()
    assert set(tafel.summen // size) == set(range((tafel.entscheidungen - 1) // size))


@pytest.mark.parametrize(
    ("count", "told", "target"),
    [(0, True, False), (1, True, True), (K - 1, True, True), (K, True, False), (np.nan, False, True)],
)
def test_a_small_field_that_stands_only_within_a_sum_is_a_target(count, told, target):
    """a + b and a are published, b alone never; one person in b is as secret as nine."""
    gebiete = areas(3, 2).sort_index()
    small = [area for area in gebiete.index if "." in area]
    felder = pd.DataFrame({"d.a": 40.0, "d.b": 25.0}, index=small)
    felder.loc["K0.1", "d.b"] = count
    none = pd.DataFrame(False, index=small, columns=felder.columns)
    hidden = none.copy()
    hidden.loc["K0.1", "d.b"] = not told
    katalog = catalogue(indicator("S", "a + b", None), indicator("A", "a", None))
    shown = [(area, key, number) for key, number in (("S", 65.0), ("A", 40.0)) for area in gebiete.index]
    rows = [(area, key, TAG, number, number, np.nan, "wert") for area, key, number in shown]
    werte = pd.DataFrame(
        rows, columns=["gebiet_id", "indikator_id", "stichtag", "wert", "zaehler", "nenner", "status"]
    )
    regeln = Regeln(
        {"p": Sperrprofil(mindestfallzahl=K)}, katalog, "oeffentlich", np.zeros(len(gebiete), dtype=bool)
    )
    built = system(werte, gebiete, regeln, Zaehlfelder(felder, hidden, none))
    found = [
        (gebiete.index[g], art, name) for g, art, name in built.ziel[["gebiet", "art", "indikator"]].values
    ]
    assert found == ([("K0.1", "feld", "d.b")] if target else [])
    assert (built.tafel.breite == K).all()


def verbunden(extra: float = 0.0) -> tuple[pd.DataFrame, pd.DataFrame, object, list[str]]:
    """a + b = c, declared; a supplier hides c in K0.1, and the total of c in K0 holds some cases without an area."""
    gebiete = areas(3, 2).sort_index()
    small = [area for area in gebiete.index if "." in area]
    felder = pd.DataFrame({"d.a": [12.0, 3, 20, 30, 40], "d.b": [11.0, 14, 15, 16, 17]}, index=small)
    felder["d.c"] = felder["d.a"] + felder["d.b"]
    katalog = catalogue(*(indicator(key, key.lower(), None) for key in "ABC"))
    owner, rows = gebiete["oberhalb"], []
    for key in "ABC":
        for area in gebiete.index:
            under = [one for one in small if area in (one, owner[one], owner[owner[one]])]
            count = felder.loc[under, f"d.{key.lower()}"].sum() + (
                extra if (key, area) in {("C", "K0"), ("C", "R")} else 0
            )
            gone = (key, area) == ("C", "K0.1")
            count = np.nan if gone else count
            rows.append((area, key, TAG, count, count, np.nan, "geheim" if gone else "wert"))
    werte = pd.DataFrame(
        rows, columns=["gebiet_id", "indikator_id", "stichtag", "wert", "zaehler", "nenner", "status"]
    )
    regeln = Regeln(
        {"p": Sperrprofil(mindestfallzahl=K)}, katalog, "oeffentlich", np.zeros(len(gebiete), dtype=bool)
    )
    told = felder.copy()
    told.loc["K0.1", "d.c"] = np.nan
    none = pd.DataFrame(False, index=small, columns=felder.columns)
    hidden = none.copy()
    hidden.loc["K0.1", "d.c"] = True
    known = Wissen(deklariert=(((-1.0, "d.c"), (1.0, "d.a"), (1.0, "d.b")),))
    bau = _Bau(werte, gebiete, regeln, Zaehlfelder(told, hidden, none), known)
    atoms = np.concatenate([felder[group].sum(axis=1).reindex(small) for group in bau.groups])
    return werte, gebiete, bau.fertig(), atoms


def test_declared_sums_are_equations_of_every_area():
    """c of K0.1 is 3 + 14 whoever hides it; all rows hold in the true world, five of them whatever is hidden."""
    _, gebiete, built, atoms = verbunden()
    tafel = built.tafel
    assert tafel.zellen.shape[0] == len(tafel.werte)
    told = ~np.isnan(tafel.werte)
    np.testing.assert_allclose((tafel.zellen @ atoms)[told], tafel.werte[told])
    everything = np.ones(tafel.entscheidungen, dtype=bool)
    everything[-1] = False
    always = np.flatnonzero(tafel.sichtbar(everything))
    assert len(always) == 5
    assert (tafel.werte[always] == 0).all()
    assert abs(tafel.zellen[always]).sum() == 15
    found = angriff(tafel, tafel.sichtbar(np.zeros(tafel.entscheidungen, dtype=bool)), genau=True)
    where = {
        (gebiete.index[g], key): i for i, (g, key) in enumerate(built.ziel[["gebiet", "indikator"]].values)
    }
    assert found.unten[where["K0.1", "C"]] == found.oben[where["K0.1", "C"]] == 17


def test_a_total_is_taken_without_the_cases_that_contradict_what_sums_tell():
    """The delivered total of K0 is 80, but 23 + 35 + (3 + 14) are 75: five cases have no area."""
    werte, gebiete, built, atoms = verbunden(extra=5.0)
    row, first, _ = built.zeilen.T
    place = {tuple(werte.loc[r, ["indikator_id", "gebiet_id"]]): z for r, z in zip(row, first, strict=True)}
    values = built.tafel.werte
    assert werte.set_index(["indikator_id", "gebiet_id"]).at[("C", "K0"), "zaehler"] == 80
    assert [values[place["C", area]] for area in ("K0", "K0.0", "K0.2", "K1")] == [75, 23, 35, 103]
    told = ~np.isnan(values)
    np.testing.assert_allclose((built.tafel.zellen @ atoms)[told], values[told])


def test_a_stock_hidden_before_is_as_wide_as_the_strictest_of_what_carries_it():
    """Of flows of other stocks nothing is asked; areas whose stock was shown are none."""
    width = {"d.bestand": 3, "d.zu": 10, "d.weg": 5, "d.anderer": 0, "d.strom": 50}
    gebiete = pd.DataFrame(index=["K", "K.0", "K.1"])
    flows = (
        Fortschreibung("d.bestand", ((1, "d.zu"), (-1, "d.weg")), 9),
        Fortschreibung("d.anderer", ((1, "d.strom"),), 9),
    )
    bau = SimpleNamespace(
        vorher=SimpleNamespace(verborgen={"d.bestand": pd.Series({"K.0": True, "K.1": False})}),
        wissen=Wissen(fortschreibungen=flows), regeln=SimpleNamespace(feld=lambda name: np.full(3, width[name])),
        gebiete=gebiete, size=3, leaf=np.array([1, 2]),
    )  # fmt: skip
    small, breadth = _Bau._hidden_before(bau, "d.bestand")
    assert small.tolist() == [False, True, False]
    assert breadth.tolist() == [10, 10, 10]
