"""Small versions of the simulations; ``tests/simulation/simulate_variance.py`` runs them in full."""

import importlib.util
from pathlib import Path

import pytest

_PATH = Path(__file__).parents[2] / "simulation" / "simulate_variance.py"
_SPEC = importlib.util.spec_from_file_location("simulate_variance", _PATH)
assert _SPEC is not None
assert _SPEC.loader is not None
simulate = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(simulate)


@pytest.mark.parametrize("name", list(simulate.RATES))
def test_interval_of_the_structural_share_covers(name):
    found = simulate.share_of_rates(name, 500)
    # 500 draws: standard error of the coverage 0.01
    assert 0.93 <= found["coverage"] <= 0.99
    if found["true share"] == 0:
        assert found["p_free <= 0.05"] < 0.085
    else:
        assert abs(found["bias moments"]) < 0.08


@pytest.mark.parametrize("share", [0.0, 0.333])
def test_exact_interval_and_test_hold_their_level(share):
    found = simulate.coverage_without_noise(share, 800)
    assert 0.93 <= found["coverage"] <= 0.985
    if share == 0:
        assert 0.03 <= found["p_free <= 0.05"] <= 0.07


def test_unchanged_years_raise_no_alarm():
    found = simulate.change_of_years(120)
    assert found["coverage share"] >= 0.90
    assert found["coverage within"] >= 0.89


@pytest.mark.langsam
@pytest.mark.parametrize("kind", ["grown", "cut", "round"])
@pytest.mark.parametrize("rounds", [0, 1])
def test_borders_that_mean_nothing_are_not_called_real(kind, rounds):
    found = simulate.border_effect(kind, rounds, 7)
    assert abs(found["contiguous"] - 0.05) < 0.015 + 2.5 * found["s.e."]
    if rounds:
        assert found["free labels"] > 0.2


def test_other_tests_hold_their_size():
    found = simulate.sizes_of_friends(60)
    # 180 p values each, 60 for the multivariate share
    assert found["permanova"] <= 0.13
    for name in ("bridge, type", "Moran", "Theil"):
        assert 0.005 <= found[name] <= 0.10, name


def test_borders_that_matter_are_found():
    found = simulate.border_effect("cut", 0, 3, border=0.9)
    assert found["contiguous"] > 0.6


@pytest.mark.langsam
@pytest.mark.parametrize("name", list(simulate.MAPS))
def test_maps_without_borders_are_not_called_bordered(name):
    """Nominal 5 %, 100 fields each: standard error 0.022, and no more than 13 % on any kind of map."""
    found = [simulate.borders(name, kind, 100) for kind in simulate.FIELDS]
    assert max(found) <= 0.13
    assert sum(found) / len(found) <= 0.08
    assert simulate.borders(name, "smooth, range 0.4", 100, border=0.9) >= 0.6


def test_chance_alone_is_not_told_as_a_finding():
    found = simulate.noise_only(400)
    assert found["not told"] >= 0.9
    assert found["said to lie between"] <= 0.03
    assert found["share of 100 % told"] <= 0.01


def test_a_municipality_apart_is_warned_of():
    assert simulate.odd_effects("normal", 300)["warned"] <= 0.04
    assert simulate.odd_effects("one in ten 5 times as wide", 300)["warned"] >= 0.06


def test_intervals_of_the_bridge_cover():
    """Nominal 95 %, 24 data sets: standard error 0.045."""
    assert min(simulate.bridge_coverage(24, 0.7, 1.0, columns=3).values()) >= 0.83
