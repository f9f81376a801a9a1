"""Sums nobody declared: found where they are true, not found where there are none, and taken as known."""

from __future__ import annotations

import itertools
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from scipy import sparse
from verbund import K, verbund

from sozialanalyse import build
from sozialanalyse.geheimhaltung import Wissen
from sozialanalyse.geheimhaltung.auswahl import waehle
from sozialanalyse.geheimhaltung.gauss import gauss
from sozialanalyse.geheimhaltung.identitaeten import (
    GENUG_ZEILEN,
    MEHR_ZEILEN,
    Identitaet,
    _gleich,
    _kleine,
    _kuerzeste,
    _vollstaendige,
    _Zeilen,
    finde,
    ungleichungen,
)
from sozialanalyse.geheimhaltung.wissen import Zaehlfelder, _bindungen, _glieder, _neue, beziehungen
from sozialanalyse.geheimhaltung.zelltafel import Zelltafel
from sozialanalyse.region.catalogue import DatensatzSeite, Indikator, IndikatorSeite, Katalog, Summe

TAGE = ("2019-12-31", "2021-12-31", "2023-12-31")


def tafel(seed: int, areas: int, fields: int, days: int = 1, datensatz: str = "d") -> dict[str, pd.DataFrame]:
    """Independent counts of all sizes."""
    rng = np.random.default_rng(seed)
    size = np.exp(rng.uniform(np.log(0.5), np.log(60), fields))
    people = rng.lognormal(0, 0.5, areas)
    return {
        day: pd.DataFrame(
            rng.poisson(size * people[:, None]).astype(float),
            index=[f"G{i:03}" for i in range(areas)], columns=[f"{datensatz}.f{i}" for i in range(fields)],
        )
        for day in TAGE[:days]
    }  # fmt: skip


def formeln(found: list[Identitaet]) -> set[str]:
    return {one.formel for one in found}


@pytest.mark.parametrize(("areas", "fields"), [(6, 4), (6, 60), (9, 12), (25, 60), (40, 8)])
@pytest.mark.parametrize("seed", range(3))
def test_nothing_is_found_where_nothing_is(seed, areas, fields):
    """60 fields of 6 areas always have a null space of 54 dimensions; none of it is worth a word."""
    assert finde(tafel(seed, areas, fields)) == []


@pytest.mark.parametrize(("datensatz", "areas"), [("d", 6), ("e", 15)])
def test_a_sum_is_found_in_a_region_of_few_areas_with_sixty_other_fields(datensatz, areas):
    """Three dates of few areas tell everything about five fields, and too little about sixty to solve for them."""
    tables, others = tafel(1, areas, 4, days=3), tafel(2, areas, 60, days=3, datensatz="e")
    for day, frame in tables.items():
        whole = frame.join(others[day])
        parts = [f"{datensatz}.f{i}" for i in range(4)]
        tables[day] = whole.assign(**{f"{datensatz}.alle": whole[parts].sum(axis=1)})
    (one,) = finde(tables)
    assert {name: factor / one.glieder[0][0] for factor, name in one.glieder} == {
        f"{datensatz}.alle": 1, **{f"{datensatz}.f{i}": -1 for i in range(4)}
    }  # fmt: skip


def planted(seed: int = 3, areas: int = 60) -> dict[str, pd.DataFrame]:
    """A sum of four, a difference, a copy in thousands in another dataset, and a sum across datasets."""
    tables, rng = tafel(seed, areas, 9, days=2), np.random.default_rng(seed)
    for day, frame in tables.items():
        one = frame.assign(**{"d.f8": frame["d.f8"] + 5, "d.f7": frame["d.f7"] + rng.poisson(30, areas)})
        one["d.summe"] = one[["d.f0", "d.f1", "d.f2", "d.f3"]].sum(axis=1)
        one["d.links"] = one["d.f4"] + one["d.f5"]
        one["d.rechts"] = one["d.links"] - one["d.f6"] + one["d.f8"]
        one["x.tausend"] = one["d.f7"] / 1000
        one["y.beide"] = one["d.f6"] + one["x.tausend"] * 1000
        tables[day] = one
    return tables


def aufgespannt(found: list[Identitaet], wanted: dict[str, float]) -> bool:
    """Whether an identity follows from those found."""
    names = sorted({name for one in found for name in one.felder} | set(wanted))
    rows = np.array([[{n: f for f, n in one.glieder}.get(name, 0.0) for name in names] for one in found])
    goal = np.array([wanted.get(name, 0.0) for name in names])
    return np.linalg.matrix_rank(rows) == np.linalg.matrix_rank(np.vstack([rows, goal]))


WAHR = (
    {"d.summe": -1, "d.f0": 1, "d.f1": 1, "d.f2": 1, "d.f3": 1},
    {"d.links": -1, "d.f4": 1, "d.f5": 1},
    {"d.rechts": -1, "d.links": 1, "d.f6": -1, "d.f8": 1},
    {"x.tausend": -1000, "d.f7": 1},
    {"y.beide": -1, "d.f6": 1, "d.f7": 1},
)  # fmt: skip


def test_sums_differences_other_units_and_other_datasets_are_found():
    found = finde(planted())
    assert len(found) == len(WAHR)
    assert all(aufgespannt(found, wanted) for wanted in WAHR)
    assert all(one.tage == TAGE[:2] and one.toleranz == 0 for one in found)
    sizes = [len(one.glieder) for one in found]
    assert sizes == sorted(sizes), "shortest first"


def test_order_of_areas_and_fields_does_not_matter():
    rng = np.random.default_rng(0)
    mixed = {
        day: frame.sample(frac=1, random_state=1)[rng.permutation(frame.columns)]
        for day, frame in reversed(planted().items())
    }
    assert finde(mixed) == finde(planted())


@pytest.mark.parametrize("share", [0.05, 0.15])
def test_gaps_do_not_hide_a_sum(share):
    rng = np.random.default_rng(4)
    gappy = {day: frame.mask(rng.random(frame.shape) < share) for day, frame in planted(areas=90).items()}
    found = finde(gappy)
    assert all(aufgespannt(found, wanted) for wanted in WAHR)


def test_totals_tell_a_sum_whose_parts_are_hidden_in_every_area():
    tables = tafel(7, 60, 3)
    day = TAGE[0]
    frame = tables[day].assign(**{"d.alle": tables[day].sum(axis=1)})
    owner = {area: f"K{i % 12}" for i, area in enumerate(frame.index)}
    totals = {day: frame.groupby(owner).sum()}
    hidden = {day: frame.assign(**{"d.f0": np.nan})}
    assert finde(hidden) == []
    assert aufgespannt(finde(hidden, totals, owner), {"d.alle": -1, "d.f0": 1, "d.f1": 1, "d.f2": 1})


def test_totals_that_only_repeat_their_areas_are_no_evidence():
    for seed in range(4):
        frame = tafel(seed, 6, 8)[TAGE[0]]
        owner = {area: f"K{i // 2}" for i, area in enumerate(frame.index)}
        assert finde({TAGE[0]: frame}, {TAGE[0]: frame.groupby(owner).sum()}, owner) == []


def test_rounded_counts_add_up_within_their_rounding():
    rng = np.random.default_rng(5)
    parts = rng.poisson(rng.uniform(40, 300, (120, 3)))
    exact = np.column_stack([parts, parts.sum(axis=1), rng.poisson(200, 120)])
    frame = pd.DataFrame(5 * np.round(exact / 5), columns=[f"d.{name}" for name in "abcsx"])
    found = finde({TAGE[0]: frame})
    assert [sorted(one.felder) for one in found] == [["d.a", "d.b", "d.c", "d.s"]]
    assert found[0].toleranz == 10
    assert "≈" in found[0].formel


def test_what_a_later_delivery_contradicts_stays_known_for_the_dates_before():
    before = planted()
    found = finde(before)
    broken = {
        **before,
        TAGE[2]: before[TAGE[0]].apply(lambda column: column.sample(frac=1, random_state=3).to_numpy()),
    }
    later = finde(broken)
    for wanted in WAHR:
        assert aufgespannt([one for one in later if set(TAGE[:2]) <= set(one.tage)], wanted)
    other = {day: frame.join(tafel(9, 60, 30, datensatz="z")[TAGE[0]]) for day, frame in before.items()}
    assert all(aufgespannt(finde(other), {n: f for f, n in one.glieder}) for one in found)


def test_parts_of_wholes_are_told_from_small_and_large():
    rng = np.random.default_rng(6)
    whole = rng.poisson(rng.uniform(10, 200, 90))
    frame = pd.DataFrame(
        {"d.ganz": whole, "d.teil": rng.binomial(whole, 0.6), "d.klein": rng.poisson(2, 90), "d.gross": whole + 5000}
    ).astype(float)  # fmt: skip
    found = {(one.teil, one.ganzes) for one in ungleichungen({TAGE[0]: frame})}
    assert ("d.teil", "d.ganz") in found
    assert not {("d.klein", "d.gross"), ("d.teil", "d.gross")} & found
    assert not ungleichungen({TAGE[0]: frame}, {"d.ganz": "Haushalte"}) or ("d.teil", "d.ganz") not in {
        (one.teil, one.ganzes) for one in ungleichungen({TAGE[0]: frame}, {"d.ganz": "Haushalte"})
    }


def test_numbers_shared_out_from_one_former_area_are_tied_by_its_weights():
    gebiete = pd.Index(["A 1a", "A 1b", "A 2"])
    shares = pd.DataFrame(
        {
            "umstieg": "alt",
            "alt": "alt:A 1",
            "neu": ["A 1a", "A 1b"],
            "basis": "einwohner",
            "anteil": [0.6, 0.4],
        }
    )
    merkmale = pd.DataFrame(
        {"gebiet_id": gebiete, "feld": "d.f", "stichtag": TAGE[0], "wert": [30.0, 20.0, 7.0], "status": "wert",
         "umgerechnet": [1, 1, 0]}
    )  # fmt: skip
    known = Wissen(umstiege=shares, basis={"d.f": "einwohner"})
    found = beziehungen(known, TAGE[0], Zaehlfelder.aus(merkmale, TAGE[0]), gebiete, {"d.f"}, K)
    assert len(found) == 1
    row = found[0].gebiete.toarray()
    assert row.shape == (1, 3)
    assert row[0] @ [30, 20, 7] == pytest.approx(0)
    assert row[0, 0] / row[0, 1] == pytest.approx(-0.4 / 0.6)
    merkmale["umgerechnet"] = 0
    assert beziehungen(known, TAGE[0], Zaehlfelder.aus(merkmale, TAGE[0]), gebiete, {"d.f"}, K) == []


@pytest.mark.parametrize(
    "seed", [*range(8), *(pytest.param(s, marks=pytest.mark.langsam) for s in range(8, 24))]
)
def test_an_attacker_with_every_true_identity_fails(seed):
    """Linked tables of 1 to 4 levels, 2 to 5 sums nobody declared, cells hidden by the supplier; six of each depth."""
    tables = verbund(seed)
    found = tables.schutz()
    assert found.offen.empty
    assert {key: width for key, width in tables.angriff(found).items() if width < K - 1e-4} == {}


def verknuepft(seed: int, breite: float) -> tuple[Zelltafel, np.ndarray]:
    """Fields x a tree of areas as one table; sums of fields are known to everybody."""
    rng = np.random.default_rng(seed)
    one = verbund(seed)
    levels = 1 + seed % 4
    leaves = len(one.zahlen)
    nodes = [np.eye(leaves)]
    for _ in range(levels - 1):
        size = max(1, len(nodes[-1]) // 3)
        group = np.sort(rng.integers(0, size, len(nodes[-1])))
        group[:size] = np.sort(np.arange(size))
        nodes.append(np.array([nodes[-1][group == g].sum(axis=0) for g in range(size)]))
    under = sparse.csr_array(np.vstack(nodes))
    fields = one.zahlen.shape[1]
    cells = sparse.kron(sparse.eye_array(fields), under, format="csr")
    sums = sparse.kron(sparse.csr_array(one.wahr), sparse.eye_array(leaves), format="csr")
    values = cells @ one.zahlen.to_numpy().T.ravel()
    primary = (values > 0) & (values < K)
    count = len(values)
    goals = np.flatnonzero(primary)
    numbers = np.arange(count + sums.shape[0])
    decision = np.minimum(numbers, count)
    none = np.full(len(goals), -1)
    empty = np.zeros(0, dtype=int)
    return (
        Zelltafel(
            zellen=sparse.vstack([cells, sums], format="csr"), werte=np.concatenate([values, np.zeros(sums.shape[0])]),
            nutzung=np.column_stack([numbers, decision, decision]), entscheidungen=count + 1, summen=empty, teile=empty,
            ungleich=sparse.csr_array((0, cells.shape[1])), ungleich_zelle=empty, ungleich_wert=np.zeros(0),
            ziele=cells[goals], ziel_zelle=none, breite=np.full(len(goals), breite), ziel_hoechstens=none,
        ),
        np.append(primary, False),
    )  # fmt: skip


@pytest.mark.parametrize(
    "seed", [*range(8), *(pytest.param(s, marks=pytest.mark.langsam) for s in range(8, 20))]
)
def test_at_the_level_of_gauss_no_more_than_a_tenth_more_is_hidden(seed):
    table, primary = verknuepft(seed, 1e-3)
    locked = np.zeros(len(primary), dtype=bool)
    locked[-1] = True
    own = table.eigene()
    reference = gauss(table.zellen, table.werte, primary[own], locked[own])
    found = waehle(table, primary, np.ones(len(primary)), fest=locked)
    assert not len(found.unschuetzbar)
    assert found.verdeckt.sum() <= 1.1 * reference.sum()


@pytest.mark.parametrize("seed", range(8))
def test_a_solution_is_found_whenever_hiding_everything_is_one(seed):
    """Also when much was published before and must stay."""
    table, primary = verknuepft(seed, float(K))
    rng = np.random.default_rng(seed)
    locked = (rng.random(len(primary)) < 0.25) & ~primary
    locked[-1] = True
    found = waehle(table, primary, np.ones(len(primary)), fest=locked)
    least = waehle(table, primary | ~locked, np.ones(len(primary)), fest=locked)
    assert set(found.unschuetzbar) == set(least.unschuetzbar)
    assert not (found.verdeckt & locked).any()


def test_build_and_check_say_what_nobody_declared(kleinregion):
    """Employed and unemployed make up all; two areas would tell the third."""
    page = kleinregion.seiten["arbeit"]
    page = page.replace(
        "felder:\n  alo: {spalte: Arbeitslose}",
        "felder:\n  alo: {spalte: Arbeitslose}\n  svb: {spalte: Quote}\n  alle: {spalte: Alle}",
    )
    page = page.replace('  quote: {spalte: Quote, einheit: "%", max: 100, summierbar: false}\n', "").replace(
        "  QUOTE: {name: Gelieferte Quote, thema: arbeit, art: wert, zaehler: quote, polaritaet: \"+\"}\n",
        "  SVB: {name: Beschäftigte, thema: arbeit, art: anzahl, zaehler: svb}\n"
        "  ALLE: {name: Erwerbspersonen, thema: arbeit, art: anzahl, zaehler: alle}\n",
    )  # fmt: skip
    kleinregion.seiten["arbeit"] = page
    kleinregion.schreibe()
    rows = ["Kennung;Stichtag;Arbeitslose;Quote;Alle"]
    rng = np.random.default_rng(0)
    for day, area in itertools.product(("31.12.2021", "31.12.2023"), kleinregion.gebiete):
        alo, svb = int(rng.integers(15, 90)), int(rng.integers(300, 900))
        alo = 7 if area == "W 3" else alo
        rows.append(f"{area};{day};{alo};{svb};{alo + svb}")
    (kleinregion.lieferungen / "arbeit.csv").write_text("\n".join(rows) + "\n", "utf-8")
    checked = [str(one) for one in build.pruefe(kleinregion.ordner) if one.regel == "identitaet"]
    done = build.build(kleinregion.ordner)
    assert checked == [str(one) for one in done.befunde if one.regel == "identitaet"]
    assert len(checked) == 1
    assert "alle = svb + alo" in checked[0]
    assert "„alle: svb + alo“" in checked[0]
    assert not [one for one in done.befunde if one.regel == "geheimhaltung"]
    inside = kleinregion.daten("intern")
    assert inside.schutz("identitaeten")["formel"].tolist() == ["alle = svb + alo"]
    public = kleinregion.daten("oeffentlich").werte(level=None)
    gone = public[(public["gebiet_id"] == "W 3") & public["wert"].isna()]
    assert len(gone[gone["stichtag"] == "2023-12-31"]) >= 2, "one of the two others must go with it"
    cost = inside.schutz("bilanz").groupby("indikator_id").sum(numeric_only=True)
    assert (cost["primaer"] >= cost["zahl"] + cost["rest"] + cost["basis"]).all()
    assert cost.loc["ALO", "zahl"] == 2
    assert cost.loc["ALO", "rest"] == cost.loc["ALO", "basis"] == 0
    page = page.replace("indikatoren:\n  ALO", "pruefungen: {summen: {alle: alo + svb}}\nindikatoren:\n  ALO")
    (kleinregion.ordner / "indikatoren" / "arbeit.yml").write_text(page, "utf-8")
    declared = build.build(kleinregion.ordner)
    assert not [one for one in declared.befunde if one.regel in ("identitaet", "geheimhaltung")]
    again = kleinregion.daten("oeffentlich").werte(level=None)
    pd.testing.assert_frame_equal(again, public)


def test_what_no_choice_can_protect_is_said_by_build(kleinregion):
    """A count published before of a Kommune, and the other two areas: the third follows."""
    kleinregion.region_yml = kleinregion.region_yml.replace(
        "mindestfallzahl: 10, mindestnenner: 100", "mindestfallzahl: 5"
    )
    kleinregion.build()
    from datetime import date

    from sozialanalyse import geheimhaltung
    from sozialanalyse.base import settings

    public = kleinregion.daten("oeffentlich")
    folder = settings.registerordner(kleinregion.ordner, "musterland")
    geheimhaltung.register.verzeichne(
        folder, public.werte(level=None), bestand=public.ordner.name, audience="oeffentlich", am=date(2024, 1, 1)
    )  # fmt: skip
    kleinregion.region_yml = kleinregion.region_yml.replace("mindestfallzahl: 5", "mindestfallzahl: 40")
    found = [one for one in kleinregion.build().befunde if one.regel == "geheimhaltung"]
    assert found
    assert found[0].schwere == "warnung"
    assert "lassen sich nicht mehr schützen" in found[0].text


def test_katalog_may_be_empty():
    known = Wissen.aus_merkmalen(
        pd.DataFrame(columns=["gebiet_id", "feld", "stichtag", "wert"]), pd.DataFrame({"level": [], "oberhalb": []}),
        Katalog({}, {}, {}),
    )  # fmt: skip
    assert known.identitaeten == ()


@pytest.mark.parametrize("seed", range(6))
def test_sums_are_found_though_two_cells_of_five_are_missing(seed):
    """Hardly any row is whole, but every sum has rows enough of its own; without a sum nothing is found by chance."""
    rng = np.random.default_rng(seed)
    tables = tafel(seed, 60, 12, days=2)
    assert finde({day: frame.mask(rng.random(frame.shape) < 0.4) for day, frame in tables.items()}) == []
    big = [name for name, size in tables[TAGE[0]].sum().items() if size > 200][:3]
    for frame in tables.values():
        frame["d.zwei"] = frame[big[:2]].sum(axis=1)
        frame["d.drei"] = frame[big].sum(axis=1)
    found = finde({day: frame.mask(rng.random(frame.shape) < 0.4) for day, frame in tables.items()})
    true = np.array([[1.0, 1, 0, -1, 0], [1, 1, 1, 0, -1], [0, 0, 1, 1, -1]])
    names = [*big, "d.zwei", "d.drei"]
    assert len(found) == 2
    for one in found:
        vector = np.array([{name: factor for factor, name in one.glieder}.get(name, 0) for name in names])
        assert any(np.array_equal(sign * vector, row) for row in true for sign in (1, -1)), one.formel
    assert all(set(one.felder) <= set(names) for one in found)


def test_the_report_lists_declared_and_found_sums():
    found = Identitaet(((-1.0, "d.s"), (1.0, "d.a"), (1.0, "e.b")), TAGE[:2], 40, 2.5)
    table = Wissen(deklariert=(((-1.0, "d.a"), (1.0, "d.b"), (1.0, "d.c")),), identitaeten=(found,)).tabelle()
    assert table.values.tolist() == [
        ["a = b + c", 0, "", True, 0.0],
        ["d.s ≈ d.a + e.b", 40, "2019-12-31, 2021-12-31", False, 2.5],
    ]


def test_what_follows_from_declared_sums_is_not_told_again():
    """From a = b + c and c = d + e follows a = b + d + e; that a = f does not."""
    declared = (((-1.0, "d.a"), (1.0, "d.b"), (1.0, "d.c")), ((-1.0, "d.c"), (1.0, "d.d"), (1.0, "d.e")))
    follows = Identitaet(((1.0, "d.a"), (-1.0, "d.b"), (-1.0, "d.d"), (-1.0, "d.e")), TAGE, 9)
    new = Identitaet(((1.0, "d.a"), (-1.0, "d.f")), TAGE, 9)
    assert list(_neue([follows, new], declared)) == [new]
    assert list(_neue([follows, new], ())) == [follows, new]


def als_anzahlen(
    counts: dict[str, np.ndarray], words: dict[str, str], areas: list[str]
) -> tuple[pd.DataFrame, Katalog]:
    """Values of indicators that count, and their catalogue; ``words`` says what each counts."""
    werte = pd.concat(
        pd.DataFrame({"gebiet_id": areas, "indikator_id": key, "stichtag": "2023-12-31", "wert": own, "zaehler": own,
                      "nenner": np.nan, "status": "wert"}) for key, own in counts.items()
    )  # fmt: skip
    pages = {
        key: Indikator(key, "x", IndikatorSeite.model_validate({"name": key, "thema": "t", "zaehler": text, "art": "anzahl"}),
                       Summe.lesen(text, "x"), None, "p") for key, text in words.items()
    }  # fmt: skip
    return werte, Katalog(dict[str, DatensatzSeite](), pages, {})


def test_sums_of_indicators_are_sums_of_their_fields():
    """Where only values are at hand, a numerator of two fields stands for both of them."""
    rng = np.random.default_rng(4)
    small = [f"K.{i}" for i in range(14)]
    rows = [("R", "region", ""), ("K", "kommune", "R"), *((key, "sozialraum", "K") for key in small)]
    gebiete = pd.DataFrame(rows, columns=["gebiet_id", "level", "oberhalb"]).set_index("gebiet_id")
    first, second = rng.poisson(60, (2, len(small))).astype(float)
    counts = {"AB": first + second, "C": first + second, "D": rng.poisson(200, len(small)).astype(float)}
    words = {"AB": "a + b", "C": "c", "D": "d"}
    werte, katalog = als_anzahlen(counts, words, small)
    found = Wissen.aus_werten(werte, gebiete, katalog)
    (one,) = found.identitaeten
    factor = {name: factor for factor, name in one.glieder}
    assert {name: value / factor["x.c"] for name, value in factor.items()} == {"x.c": 1, "x.a": -1, "x.b": -1}
    part = werte.assign(status=np.where(werte["gebiet_id"] == "K.0", "unvollstaendig", "wert"))
    part.loc[(part["gebiet_id"] == "K.0") & (part["indikator_id"] == "C"), "zaehler"] = 1.0
    (same,) = Wissen.aus_werten(part, gebiete, katalog).identitaeten
    assert same.zeilen == one.zeilen - 1, "what was filled up is no evidence"


@pytest.mark.parametrize(
    ("glieder", "rounded", "told"),
    [
        (((-1.0, "d.a"), (1.0, "d.b"), (1.0, "d.c")), 0.0,
         ("d: In allen 9 Zeilen, in denen alles bekannt ist, gilt genau a = b + c. Die Geheimhaltung rechnet damit, dass Lesende "
          "das wissen.", "Wenn das immer so ist, bitte auf der Datensatzseite „d“ unter „pruefungen: summen“ festhalten: „a: b + c“.")),
        (((-1.0, "d.a"), (0.5, "d.b")), 0.0,
         ("d: In allen 9 Zeilen, in denen alles bekannt ist, gilt genau a = 0,5 · b. Die Geheimhaltung rechnet damit, dass Lesende "
          "das wissen.", "Bitte prüfen, ob das immer so ist.")),
        (((-1.0, "d.a"), (1.0, "d.b")), 0.5,
         ("d: In allen 9 Zeilen, in denen alles bekannt ist, gilt bis auf Rundung a ≈ b. Die Geheimhaltung rechnet damit, dass Lesende "
          "das wissen.", "Bitte prüfen, ob das immer so ist.")),
    ],
)  # fmt: skip
def test_a_found_identity_is_told_with_what_to_do(glieder, rounded, told):
    known = Wissen(identitaeten=(Identitaet(glieder, TAGE, 9, toleranz=rounded),))
    (found,) = known.befunde(Katalog(dict[str, DatensatzSeite](), {}, {}))
    assert (found.text, found.abhilfe) == told


def test_an_identity_among_datasets_names_them_as_their_pages_do():
    def page(name: str) -> DatensatzSeite:
        return DatensatzSeite.model_construct(name=name)

    both = Wissen(identitaeten=(Identitaet(((-1.0, "e.a"), (1.0, "d.b"), (1.0, "fremd.c")), TAGE, 9),))
    pages = {"d": page("Kinder"), "e": page("Einwohner")}
    (found,) = both.befunde(Katalog(pages, {}, {}))
    assert found.text.startswith("Kinder, Einwohner: In allen 9 Zeilen")
    (alone,) = Wissen(identitaeten=(Identitaet(((-1.0, "e.a"), (1.0, "e.b")), TAGE, 9),)).befunde(
        Katalog(pages, {}, {})
    )
    assert alone.text.startswith("Einwohner: In allen 9 Zeilen")


def test_former_areas_bind_those_of_today():
    """Y is shared by three areas, X by two of them: only those two can differ without anybody's notice."""
    cut = pd.DataFrame(
        [("X", "N1", 0.5), ("X", "N2", 0.5), ("Y", "N1", 0.25), ("Y", "N2", 0.25), ("Y", "N3", 0.5)],
        columns=["alt", "neu", "anteil"],
    )
    areas = pd.Index(["N0", "N1", "N2", "N3"])
    (bound,) = _bindungen(cut, areas, np.array([False, True, False, False]))
    assert np.abs(bound) == pytest.approx([0, 0.5**0.5, 0.5**0.5, 0])
    assert bound[1] == pytest.approx(-bound[2])
    assert _bindungen(cut, areas, np.array([True, False, False, False])) == []


def test_which_totals_tell_more_than_their_areas():
    """A total counts where a number of one of its areas is missing, or where it has no areas at all."""
    day = "2023-12-31"
    small = pd.DataFrame({"d.a": [1.0, 2, 3, np.nan], "d.b": [4.0, 5, 6, 7]}, index=["A1", "A2", "B1", "B2"])
    large = pd.DataFrame({"d.a": [3.0, 9, 8], "d.b": [9.0, 13, 5]}, index=["A", "B", "C"])
    rows = _Zeilen.aus({day: small}, {day: large}, {"A1": "A", "A2": "A", "B1": "B", "B2": "B"})
    names = np.array([*small.index, *large.index])
    assert set(names[rows.brauchbar(np.array([0, 1]))]) == {"A1", "A2", "B1", "B2", "B", "C"}
    assert set(names[rows.brauchbar(np.array([1]))]) == {"A1", "A2", "B1", "B2", "C"}
    alone = _Zeilen.aus({day: small}, {}, {})
    assert alone.brauchbar(np.array([0])).all()


def test_columns_with_gaps_go_until_there_are_rows_enough():
    full = np.arange(12.0).reshape(3, 4)
    assert _vollstaendige(full, None).tolist() == [0, 1, 2, 3], "no gap, however few rows"
    many = np.arange(80.0).reshape(20, 4)
    many[0, 2] = np.nan
    assert _vollstaendige(many, None).tolist() == [0, 1, 2, 3], "enough rows are left"
    many[: 20 - 4 - GENUG_ZEILEN + 1, 2] = np.nan
    assert _vollstaendige(many, None).tolist() == [0, 1, 3]
    assert 2 in _vollstaendige(many, 2)


def test_a_column_is_the_same_in_rows_enough_or_not_at_all():
    left = np.arange(1.0, 3 + MEHR_ZEILEN + 1)
    lines = np.column_stack([left, left, left + 1])
    assert _gleich(left, lines, 3).tolist() == [0, 1]
    lines[0, 0] = np.nan
    assert _gleich(left, lines, 3).tolist() == [1], "one row too few"


# --- what pages declare, areas that were divided, rows with gaps ---------------------------------------


def test_declared_sums_and_parts_as_what_is_nothing_and_what_is_never_negative():
    rules = SimpleNamespace(summen={"alle": "a + b"}, teile={"a": "alle"})
    katalog = SimpleNamespace(datensaetze={"d": SimpleNamespace(pruefungen=rules)})
    assert list(_glieder(katalog, "summen")) == [((1, "d.alle"), (-1, "d.a"), (-1, "d.b"))]
    assert list(_glieder(katalog, "teile")) == [((-1, "d.a"), (1, "d.alle"))]


@pytest.mark.parametrize(
    ("cut", "together"),
    [
        ([("X", "N1", 0.5), ("X", "N2", 0.5), ("Y", "N3", 1.0)], True),
        ([("X", "N1", 0.5), ("X", "N2", 0.5), ("Y", "N2", 1.0)], False),  # N2 holds something else, too
        ([("X", "N1", 0.5), ("X", "gone", 0.5)], False),
    ],
)
def test_a_sum_of_a_divided_area_holds_for_its_parts_together(cut, together):
    """alle = a + b was told of X: of N1 and N2 rounding leaves one too many and one too few."""
    frame = pd.DataFrame(
        {"d.alle": [10.0, 10, 12], "d.a": [6.0, 6, 7], "d.b": [3.0, 5, 5]}, index=["N1", "N2", "N3"]
    )
    nothing = frame.isna()
    shares = pd.DataFrame(cut, columns=["alt", "neu", "anteil"]).assign(umstieg="u", basis="einwohner")
    known = Wissen(((((1.0, "d.alle")), (-1.0, "d.a"), (-1.0, "d.b")),), umstiege=shares)
    (sums,) = beziehungen(known, TAGE[0], Zaehlfelder(frame, nothing, nothing), frame.index, set(frame), 10)
    assert sums.gebiete.toarray().tolist() == [[0, 0, 1], *([[1, 1, 0]] if together else [])]


def test_of_many_rows_those_with_fewest_gaps_are_tried():
    rng = np.random.default_rng(0)
    part = rng.integers(10, 900, (400, 4)).astype(float)
    part[:, 2] = part[:, 0] + part[:, 1]
    part[:340, 0] = np.nan
    assert any(np.array_equal(np.abs(vector), [1, 1, 1, 0]) for vector in _kleine(part))


@pytest.mark.parametrize("seed", [0, 1, 4])
def test_what_held_up_to_a_date_was_known_before_the_next_contradicts(seed):
    """a = b + c of two areas: one date or two tell nothing, three do, the fourth speaks against it."""
    rng = np.random.default_rng(seed)
    tables = {}
    for number, day in enumerate(("2019-12-31", "2020-12-31", "2021-12-31", "2022-12-31")):
        frame = pd.DataFrame(
            rng.integers(1, 3, (2, 2)).astype(float), index=["G1", "G2"], columns=["d.b", "d.c"]
        )
        tables[day] = frame.assign(**{"d.a": frame.sum(axis=1) + (number == 3) * np.array([5, 6])})
    days = list(tables)
    assert [len(finde({day: tables[day] for day in days[:number]})) for number in (1, 2, 3)] == [0, 0, 1]
    assert [one.tage for one in finde(tables)] == [tuple(days[:3])]


def test_a_sum_that_holds_within_rounding_binds_from_both_sides():
    frame = pd.DataFrame(
        {"d.a": [9.0, 20.0, 31.0], "d.b": [4.0, 9.0, 16.0], "d.c": [5.0, 12.0, 10.0]}, index=list("xyz")
    )
    nothing = frame.notna() & False
    parts = ((-1.0, "d.a"), (1.0, "d.b"), (1.0, "d.c"))
    known = Wissen(identitaeten=(Identitaet(parts, TAGE, 9, toleranz=1.0),))
    low, high = beziehungen(known, TAGE[0], Zaehlfelder(frame, nothing, nothing), frame.index, set(frame), 10)
    assert (low.glieder, low.mindestens) == (parts, -1.0)
    assert (high.glieder, high.mindestens) == (tuple((-factor, name) for factor, name in parts), -1.0)
    for one in (low, high):
        assert one.gebiete.toarray().tolist() == [[1, 0, 0], [0, 1, 0]], "z is too far off"


def test_of_values_only_single_fields_are_parts_and_wholes():
    """A difference may exceed what it is taken from; a sum of fields is no field of a page."""
    rng = np.random.default_rng(6)
    small = [f"K.{i}" for i in range(40)]
    gebiete = pd.DataFrame({"level": "sozialraum", "oberhalb": "K"}, index=pd.Index(small, name="gebiet_id"))
    whole = rng.integers(900, 4000, len(small)).astype(float)
    counts = {"ALLE": whole, "TEIL": np.floor(whole * rng.uniform(0.3, 0.6, len(small))),
              "SUMME": np.floor(whole * rng.uniform(0.02, 0.1, len(small)))}  # fmt: skip
    words = {"ALLE": "alle", "TEIL": "teil", "SUMME": "a + b"}
    werte, katalog = als_anzahlen(counts, words, small)
    found = Wissen.aus_werten(werte, gebiete, katalog)
    assert [(one.teil, one.ganzes) for one in found.ungleichungen] == [("x.teil", "x.alle")]


@pytest.mark.parametrize("step", [0.0, 0.5])
def test_the_shortest_combination_is_one_of_whole_fields(step):
    """Half as much again or a third of a field is what numbers allow, not what anybody adds up."""
    rng = np.random.default_rng(2)
    a, b = rng.integers(200, 900, (2, 12)).astype(float)
    half = np.full(3, step)
    (found,) = _kuerzeste(np.column_stack([a, b, a + b]), half, [2])
    assert np.abs(found).tolist() == [1, 1, 1]
    assert found[0] == found[1] == -found[2]
    assert list(_kuerzeste(np.column_stack([a, b, 1.4 * a + 0.4 * b]), half, [2])) == []
    assert list(_kuerzeste(np.column_stack([a, b, rng.integers(200, 900, 12)]), half, [2])) == []
