"""Attack and choice on tables worked out by hand, against brute force, and against the optimum."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse
from scipy.optimize import linprog

from sozialanalyse.geheimhaltung import auswahl
from sozialanalyse.geheimhaltung.angriff import angriff
from sozialanalyse.geheimhaltung.auswahl import waehle
from sozialanalyse.geheimhaltung.gauss import gauss
from sozialanalyse.geheimhaltung.zelltafel import Zelltafel


def kreuztabelle(counts: list[list[int]], primary, width: float) -> tuple[Zelltafel, np.ndarray]:
    """Rows x columns with both margins and the total; cells row by row, margins last in each."""
    inner = np.array(counts, dtype=float)
    rows, columns = inner.shape
    left = sparse.csr_array(np.vstack([np.eye(rows), np.ones((1, rows))]))
    top = sparse.csr_array(np.vstack([np.eye(columns), np.ones((1, columns))]))
    zellen = sparse.csr_array(sparse.kron(left, top))
    values = zellen @ inner.ravel()
    secret = np.array([primary(v) for v in values])
    targets, cells = np.flatnonzero(secret), np.arange(len(values))
    number = cells.reshape(rows + 1, columns + 1)
    summen = np.repeat(number[-1], rows)
    teile = number[:-1].T.ravel()
    none = np.full(len(targets), -1)
    return (
        Zelltafel(
            zellen=zellen, werte=values, nutzung=np.column_stack([cells, cells, cells]), entscheidungen=len(values),
            summen=summen, teile=teile, ungleich=sparse.csr_array((0, zellen.shape[1])),
            ungleich_zelle=np.zeros(0, dtype=int), ungleich_wert=np.zeros(0), ziele=zellen[targets], ziel_zelle=none,
            breite=np.full(len(targets), float(width)), ziel_hoechstens=none,
        ),
        secret,
    )  # fmt: skip


def gegenprobe(tafel: Zelltafel, visible: np.ndarray) -> np.ndarray:
    """Widths by one plain program per target and direction, nothing reduced or reused."""
    widths = []
    for target in tafel.ziele.toarray():
        ends = [
            linprog(
                sign * target,
                A_eq=tafel.zellen.toarray()[visible],
                b_eq=tafel.werte[visible],
                bounds=(0, 1e6),
            ).fun
            for sign in (1, -1)
        ]
        widths.append(-ends[1] - ends[0])
    return np.array(widths)


def test_published_example_of_gauss_suppression():
    """Young 5, 2, 0 and old 6, 3, 4 in three countries; zeros and ones primary."""
    tafel, primary = kreuztabelle([[5, 2, 0], [6, 3, 4]], lambda v: v <= 1, 1e-3)
    assert np.flatnonzero(gauss(tafel.zellen, tafel.werte, primary)).tolist() == [1, 2, 5, 6]
    shown = ~np.isin(np.arange(12), [1, 2, 5, 6])
    assert angriff(tafel, shown, genau=True).weite.tolist() == pytest.approx([2])
    ours = waehle(tafel, primary, np.ones(12))
    assert ours.optimal
    assert ours.verdeckt.sum() == 4
    wider, primary = kreuztabelle([[5, 2, 0], [6, 3, 4]], lambda v: v <= 1, 3)
    assert len(angriff(wider, shown).offen) == 1
    three = waehle(wider, primary, np.ones(12))
    assert len(three.unschuetzbar) == 0
    assert gegenprobe(wider, wider.sichtbar(three.verdeckt)).min() >= 3 - 1e-6


TABLES = st.integers(2, 3).flatmap(
    lambda width: st.lists(
        st.lists(st.integers(0, 40), min_size=width, max_size=width), min_size=2, max_size=3
    )
)


@given(TABLES)
@settings(deadline=None, max_examples=25)
def test_exact_intervals_equal_those_of_plain_programs(counts):
    tafel, primary = kreuztabelle(counts, lambda v: 0 < v < 10, 10)
    visible = tafel.sichtbar(primary)
    found = angriff(tafel, visible, genau=True)
    if len(found.weite):
        assert found.weite == pytest.approx(gegenprobe(tafel, visible), abs=1e-4)
        assert np.array_equal(found.offen, angriff(tafel, visible).offen)


@pytest.mark.parametrize("seed", range(12))
def test_both_ends_of_every_interval_are_looked_for(seed):
    """Where no world of all targets together, nor the largest of another, has a target at its least."""
    counts = np.random.default_rng(seed).integers(0, 14, (3, 4)).tolist()
    tafel, primary = kreuztabelle(counts, lambda v: 0 < v < 10, 10)
    visible = tafel.sichtbar(primary)
    assert angriff(tafel, visible, genau=True).weite == pytest.approx(gegenprobe(tafel, visible), abs=1e-4)


def test_numbers_that_contradict_each_other_are_made_to_agree():
    """A total 3 too large: the intervals are those of the smallest amends, not an error."""
    counts = [[5, 8, 20], [7, 6, 30], [25, 40, 50]]
    tafel, primary = kreuztabelle(counts, lambda v: 0 < v < 10, 10)
    visible = tafel.sichtbar(primary)
    right = angriff(tafel, visible, genau=True)
    tafel.werte[tafel.werte == 33] += 3  # total of the first row
    found = angriff(tafel, visible, genau=True)
    assert (np.abs(found.unten - right.unten) <= 3 + 1e-4).all()
    assert (np.abs(found.oben - right.oben) <= 3 + 1e-4).all()


@given(TABLES)
@settings(deadline=None, max_examples=20)
def test_whatever_the_table_an_independent_attacker_fails(counts):
    tafel, primary = kreuztabelle(counts, lambda v: 0 < v < 10, 10)
    found = waehle(tafel, primary, np.ones(len(primary)))
    if len(tafel.breite):
        narrow = set(np.flatnonzero(gegenprobe(tafel, tafel.sichtbar(found.verdeckt)) < 10 - 1e-4))
        assert narrow == set(found.unschuetzbar)
        assert not narrow or found.verdeckt.sum() > primary.sum() or primary.all()


@pytest.mark.parametrize("seed", range(4))
def test_optimum_is_the_cheapest_of_all_patterns(seed):
    rng = np.random.default_rng(seed)
    tafel, primary = kreuztabelle(rng.integers(4, 40, (2, 3)).tolist(), lambda v: v < 10, 10)
    if not primary.any():
        tafel, primary = kreuztabelle([[4, 20, 30], [25, 14, 33]], lambda v: v < 10, 10)
    price = 1 + rng.random(12)
    found = waehle(tafel, primary, price)
    free = np.flatnonzero(~primary)
    best = np.inf
    for size in range(len(free) + 1):
        for more in itertools.combinations(free, size):
            pattern = primary.copy()
            pattern[list(more)] = True
            if price[pattern].sum() < best and not len(angriff(tafel, tafel.sichtbar(pattern)).offen):
                best = price[pattern].sum()
        if size >= 4:
            break
    assert found.optimal
    assert price[found.verdeckt].sum() <= best + 1e-9


@pytest.mark.parametrize("seed", range(4))
def test_heuristic_is_safe_and_near_the_optimum(seed, monkeypatch):
    rng = np.random.default_rng(10 + seed)
    tafel, primary = kreuztabelle(rng.integers(2, 60, (5, 5)).tolist(), lambda v: v < 10, 10)
    best = waehle(tafel, primary, np.ones(36))
    monkeypatch.setattr(auswahl, "GENAU_BIS", 0)
    quick = waehle(tafel, primary, np.ones(36))
    assert not quick.optimal
    assert len(quick.unschuetzbar) == 0
    assert best.verdeckt.sum() <= quick.verdeckt.sum() <= best.verdeckt.sum() + 4


@pytest.mark.parametrize("genau", [True, False])
@pytest.mark.parametrize("size", [3, 9])
def test_what_cannot_be_protected_is_told_and_hides_nothing_in_vain(genau, size):
    """All but the secret cell was published before: the search ends, names it, and leaves the rest shown."""
    counts = [[20 + row + column for column in range(size)] for row in range(size)]
    counts[1][1] = 4
    tafel, secret = kreuztabelle(counts, lambda v: v == 4, 10)
    found = waehle(tafel, secret, np.ones(len(secret)), fest=~secret, genau=genau)
    assert found.unschuetzbar.tolist() == [0]
    assert found.verdeckt.tolist() == secret.tolist()
    assert not found.optimal
    assert found.angriff.weite.tolist() == [0]


@pytest.mark.parametrize("genau", [True, False])
def test_half_published_rows_still_find_the_far_way_round(genau):
    """The own row and column are locked up to one cell each: only one rectangle makes room, however dear it is."""
    counts = [[50, 50, 50, 50], [50, 4, 50, 50], [50, 50, 50, 50], [50, 50, 50, 50]]
    tafel, secret = kreuztabelle(counts, lambda v: v == 4, 10)
    grid = np.arange(25).reshape(5, 5)
    corners = [grid[1, 1], grid[1, 3], grid[3, 1], grid[3, 3]]
    locked = np.zeros(25, dtype=bool)
    locked[[*grid[1], *grid[:, 1]]] = True
    locked[corners] = False
    price = np.ones(25)
    price[grid[3, 3]] = 100.0
    found = waehle(tafel, secret, price, fest=locked, genau=genau)
    assert not len(found.unschuetzbar)
    gone = set(np.flatnonzero(found.verdeckt).tolist())
    assert {corners[0], corners[1], corners[2]} <= gone
    assert corners[3] not in gone, (
        "two cells that cost one each do it too: the margins of that row and column"
    )
    assert len(gone) in (5, 6)
    assert price[sorted(gone)].sum() < 100


@pytest.mark.parametrize("size", [4, 8])
def test_second_worlds_alone_protect_everything(size, monkeypatch):
    """In large systems there is no second pattern to start from: the search has to do it by itself."""
    monkeypatch.setattr(auswahl, "EINZELN_BIS", 0)
    rng = np.random.default_rng(size)
    tafel, secret = kreuztabelle(rng.integers(3, 60, (size, size)).tolist(), lambda v: 0 < v < 10, 10)
    assert secret.any()
    found = waehle(tafel, secret, 1.0 + rng.random(len(secret)), genau=False)
    assert not len(found.unschuetzbar)
    assert found.runden < 20
    assert (gegenprobe(tafel, tafel.sichtbar(found.verdeckt)) >= 10 - 1e-6).all()
