"""Topic indices: by hand, rules for gaps, base year, uncertainty and sensitivity."""

from __future__ import annotations

import mapclassify
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.decomposition import PCA

from sozialanalyse.analyse.indices import cronbach_alpha, dynamics, first_component, sensitivity, topic_index
from sozialanalyse.base.errors import DatenFehler, ParameterFehler

MATRIX = pd.DataFrame({"a": [1.0, 2.0, 3.0], "b": [30.0, 20.0, 10.0]}, index=list("xyz"))


def test_by_hand() -> None:
    result = topic_index(MATRIX, {"a": 1, "b": -1})
    root = 1.5**0.5  # (3 - 2) / sqrt(2/3)
    assert result.z["a"].tolist() == pytest.approx([-root, 0, root])
    assert result.z["b"].tolist() == pytest.approx([-root, 0, root])
    assert result.table["roh"].tolist() == pytest.approx([-root, 0, root])
    assert result.values.tolist() == pytest.approx([100 - 10 * root, 100, 100 + 10 * root])
    assert result.table["rang"].tolist() == [3, 2, 1]
    assert result.limits == (90, 95, 105, 110, 115)
    assert result.table["klasse"].tolist() == [1, 3, 5]
    assert result.alpha == pytest.approx(1)
    assert result.redundant["r"].tolist() == pytest.approx([1.0])
    assert "100 ist der Durchschnitt" in result.summary()


def test_weights_and_population_by_hand() -> None:
    people = pd.Series([1.0, 1.0, 2.0], index=list("xyz"))
    result = topic_index(MATRIX, {"a": 1, "b": 1}, weights={"a": 3, "b": 1}, population=people)
    # mean 2.25, variance (1.5625 + 0.0625 + 2 * 0.5625) / 4 = 0.6875
    assert result.z["a"].tolist() == pytest.approx([(v - 2.25) / 0.6875**0.5 for v in (1, 2, 3)])
    assert result.table["roh"].iloc[0] == pytest.approx(0.5 * result.z["a"].iloc[0])
    assert (people * result.values).sum() / 4 == pytest.approx(100)


def test_two_thirds_and_required_ingredients() -> None:
    rng = np.random.default_rng(0)
    matrix = pd.DataFrame(rng.normal(size=(20, 6)), columns=list("abcdef"))
    matrix.loc[0, ["a", "b"]] = np.nan
    matrix.loc[1, ["a", "b", "c"]] = np.nan
    matrix.loc[2, "f"] = np.nan
    result = topic_index(matrix, dict.fromkeys("abcdef", 1), required=["f"])
    assert result.table["status"].tolist()[:4] == [
        "berechnet",
        "nicht berechnet",
        "nicht berechnet",
        "berechnet",
    ]
    assert result.table["zutaten"].tolist()[:3] == [4, 3, 5]
    assert result.table["klasse"].isna().sum() == 2
    assert result.table.loc[0, "roh"] == pytest.approx(result.z.loc[0, list("cdef")].mean())
    assert any("2 Gebiete" in message for message in result.messages)


def test_extreme_values_are_cut_and_counted() -> None:
    matrix = pd.DataFrame({"a": [0.0] * 30 + [1.0, 100.0], "b": np.arange(32.0)})
    result = topic_index(matrix, {"a": 1, "b": 1})
    assert result.z["a"].max() == 3
    assert any(message.startswith("1 extreme") for message in result.messages)


def test_right_closed_limits_and_quintiles() -> None:
    matrix = pd.DataFrame({"a": np.arange(10.0)})
    result = topic_index(matrix, {"a": 1}, classes=[100.0])
    assert result.table["klasse"].tolist() == [1] * 5 + [2] * 5
    at_limit = topic_index(matrix, {"a": 1}, classes=[float(result.values[7])])
    assert at_limit.table["klasse"].tolist() == [1] * 8 + [2] * 2
    assert (
        topic_index(matrix, {"a": 1}, classes="quintile").table["klasse"].value_counts().tolist() == [2] * 5
    )


def test_base_year_makes_change_absolute() -> None:
    then = topic_index(MATRIX, {"a": 1, "b": -1})
    now = topic_index(MATRIX.assign(a=MATRIX["a"] + 1), {"a": 1, "b": -1}, base_year=then.base)
    change = dynamics(now, then)
    assert change["veraenderung"].tolist() == pytest.approx([5 * 1.5**0.5] * 3)
    assert change["rangveraenderung"].tolist() == [0, 0, 0]
    assert set(change["richtung"]) == {"steigend"}
    assert now.limits == then.limits
    relative = topic_index(MATRIX.assign(a=MATRIX["a"] + 1), {"a": 1, "b": -1})
    assert relative.values.tolist() == pytest.approx(then.values.tolist())
    with pytest.raises(ParameterFehler, match="Basisjahr"):
        dynamics(relative, then)
    from_matrix = topic_index(MATRIX.assign(a=MATRIX["a"] + 1), {"a": 1, "b": -1}, base_year=MATRIX)
    pd.testing.assert_series_equal(from_matrix.values, now.values)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 1000), st.floats(0.01, 100), st.floats(-100, 100))
def test_units_order_and_polarity(seed: int, factor: float, shift: float) -> None:
    rng = np.random.default_rng(seed)
    matrix = pd.DataFrame(rng.normal(size=(15, 3)), columns=list("abc"))
    one = topic_index(matrix, {"a": 1, "b": -1, "c": 1}).values
    changed = matrix.assign(a=matrix["a"] * factor + shift, b=-matrix["b"])
    two = topic_index(changed.sample(frac=1, random_state=seed), {"a": 1, "b": 1, "c": 1}).values
    assert np.allclose(one, two.loc[one.index], atol=1e-6)


def test_uncertainty_shrinks_with_people_and_classes_are_less_sure_at_limits() -> None:
    rng = np.random.default_rng(0)
    share = pd.DataFrame(rng.uniform(0.05, 0.2, (40, 3)), columns=list("abc"))
    widths = {}
    for people in (100, 10_000):
        base = pd.DataFrame(float(people), index=share.index, columns=share.columns)
        count = (share * people).round()
        result = topic_index(100 * count / base, dict.fromkeys("abc", 1), count=count, base=base, draws=200)
        assert result.uncertainty is not None
        inside = (result.uncertainty["tief"] <= result.values) & (result.values <= result.uncertainty["hoch"])
        assert inside.mean() > 0.95
        widths[people] = (result.uncertainty["hoch"] - result.uncertainty["tief"]).mean()
        again = topic_index(100 * count / base, dict.fromkeys("abc", 1), count=count, base=base, draws=200)
        pd.testing.assert_frame_equal(result.uncertainty, again.uncertainty)
    assert 6 < widths[100] / widths[10_000] < 14  # ten times fewer standard errors
    assert result.uncertainty["klasse_sicher"].between(0.3, 1).all()
    assert (result.uncertainty["rang_tief"] <= result.table["rang"]).mean() > 0.9


def test_sensitivity_against_independent_computations() -> None:
    rng = np.random.default_rng(3)
    common = rng.normal(size=60)
    matrix = pd.DataFrame({c: common + rng.normal(size=60) for c in "abcd"})
    result = topic_index(matrix, dict.fromkeys("abcd", 1), winsor=10)
    table = sensitivity(result, extra_weights={"Fachleute": {"a": 2, "b": 1, "c": 1, "d": 1}})
    assert table.loc["gleiche Gewichte", "spearman"] == pytest.approx(1)
    assert table.loc["gleiche Gewichte", "klassenwechsel"] == 0
    pca = PCA().fit(result.z)
    assert table.loc["Hauptkomponente", "erklaert"] == pytest.approx(pca.explained_variance_ratio_[0])
    component = first_component(result.z)
    scores = component.scores
    assert np.allclose(component.loadings, [np.corrcoef(scores, result.z[c])[0, 1] for c in "abcd"])
    assert abs(np.corrcoef(scores, pca.transform(result.z)[:, 0])[0, 1]) == pytest.approx(1)
    assert np.corrcoef(scores, result.values)[0, 1] > 0.9
    assert {"ohne a", "ohne d", "Fachleute", "Rangmittel", "Spannweite", "geometrisch"} <= set(table.index)
    assert table["spearman"].min() > 0.8


@pytest.mark.filterwarnings("ignore:Numba")
def test_natural_breaks_equal_the_exact_ones() -> None:
    values = np.random.default_rng(1).gamma(2.0, size=60)
    result = topic_index(pd.DataFrame({"a": values}), {"a": 1}, classes="jenks", winsor=9)
    exact = mapclassify.FisherJenks(result.values, k=5).bins
    assert result.limits == pytest.approx(exact[:-1])
    assert result.table["klasse"].value_counts().sum() == 60


def test_class_limits_stay_those_of_the_base_year() -> None:
    rng = np.random.default_rng(2)
    then = pd.DataFrame(rng.normal(size=(50, 3)), columns=list("abc"))
    one = topic_index(then, dict.fromkeys("abc", 1), classes="quintile")
    given_result = topic_index(then + 1, dict.fromkeys("abc", 1), classes="quintile", base_year=one.base)
    given_matrix = topic_index(then + 1, dict.fromkeys("abc", 1), classes="quintile", base_year=then)
    assert one.limits == given_result.limits == given_matrix.limits
    pd.testing.assert_frame_equal(given_result.table, given_matrix.table)
    assert (one.table["klasse"].value_counts() == 10).all()
    with pytest.raises(DatenFehler, match="nicht vorhanden: c"):
        topic_index(then, dict.fromkeys("abc", 1), base_year=then[["a", "b"]])


def test_an_index_of_two_unrelated_things_says_so() -> None:
    rng = np.random.default_rng(5)
    matrix = pd.DataFrame(rng.normal(size=(80, 6)), columns=list("abcdef"))
    result = topic_index(matrix, dict.fromkeys("abcdef", 1))
    assert result.component.explained < 0.5
    assert any("messen nicht nur eines" in message for message in result.messages)
    few = first_component(matrix.head(2))
    assert np.isnan(few.explained)
    assert few.scores.isna().all()


def test_alpha_by_hand() -> None:
    # variances 1, 1 and of the sum 3: 2 (1 - 2/3)
    z = pd.DataFrame({"a": [-1.0, 0.0, 1.0], "b": [0.0, -1.0, 1.0]})
    assert cronbach_alpha(z) == pytest.approx(2 * (1 - 2 / 3))
    assert np.isnan(cronbach_alpha(z[["a"]]))


def test_impossible_inputs() -> None:
    with pytest.raises(ParameterFehler, match="Richtung"):
        topic_index(MATRIX, {"a": 1})
    with pytest.raises(ParameterFehler, match="Gewicht"):
        topic_index(MATRIX, {"a": 1, "b": 1}, weights={"a": 1, "b": -1})
    with pytest.raises(ParameterFehler, match="Pflichtindikatoren: q"):
        topic_index(MATRIX, {"a": 1, "b": 1}, required=["q"])
    with pytest.raises(DatenFehler, match="keine Zahlen: t"):
        topic_index(MATRIX.assign(t="x"), {"a": 1, "b": 1, "t": 1})
    with pytest.raises(ParameterFehler, match="doppelt"):
        topic_index(MATRIX, {"a": 1, "b": 1}, classes="doppelt")  # type: ignore[arg-type]
    with pytest.raises(DatenFehler, match="gleich, leer oder nicht vorhanden: c"):
        topic_index(MATRIX.assign(c=0.1), {"a": 1, "b": 1, "c": 1})
