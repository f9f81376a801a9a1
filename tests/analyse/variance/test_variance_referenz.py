"""Agreement with independent implementations on their own data sets.

The numbers in ``tests/referenz/referenz_variance.csv`` come from lme4, glmmTMB, metafor, vegan,
spdep, psych and effectsize (R) and from inequality, segregation, statsmodels and esda (Python);
``tests/referenz/referenz_variance.py`` computes them again.
"""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.spatial import distance

from sozialanalyse import variance
from sozialanalyse.analyse.variance import borders

FOLDER = Path(__file__).parents[2] / "referenz"
TABLE = pd.read_csv(FOLDER / "referenz_variance.csv").set_index("key")["value"]
# closed forms to the digits R prints; optimisers of R stop at about 1e-7 (lme4 REML), 1e-5 (GLMM)
EXACT, OPTIMISED, GLMM = 1e-9, 2e-6, 1e-3


def data(name: str) -> pd.DataFrame:
    return pd.read_csv(FOLDER / "daten" / f"{name}.csv", dtype={"group": str})


def neighbours() -> dict[int, list[int]]:
    lines = (FOLDER / "daten" / "sids_neighbours.txt").read_text().splitlines()
    numbers = ([int(word) - 1 for word in line.split()] for line in lines)
    return {first: [other for other in rest if other >= 0] for first, *rest in numbers}


@pytest.mark.parametrize("name", ["dyestuff", "dyestuff2", "sleepstudy", "pastes", "chickweight"])
def test_one_way_model(name):
    table = data(name)
    row = variance.decompose(table["y"], table["group"], permutations=0).table.loc["y"]
    for column in ("eta2", "f"):
        assert row[column] == pytest.approx(TABLE[f"{name}.{column}"], rel=EXACT)
    for column in ("omega2", "epsilon2"):
        # effectsize cuts at 0
        assert max(0.0, row[column]) == pytest.approx(TABLE[f"{name}.{column}"], rel=EXACT)
    for column in ("icc_reml", "icc_ml"):
        assert row[column] == pytest.approx(TABLE[f"{name}.{column}"], abs=OPTIMISED)


@pytest.mark.parametrize("name", ["dyestuff", "sleepstudy"])
def test_exact_interval_of_the_balanced_case(name):
    table = data(name)
    row = variance.decompose(table["y"], table["group"], permutations=0).table.loc["y"]
    for column in ("icc", "icc_low", "icc_high"):
        assert row[column] == pytest.approx(TABLE[f"{name}.{column}"], abs=2e-7)
    assert row["share_low"] == row["icc_low"]


@pytest.mark.parametrize("name", ["dyestuff", "sleepstudy", "pastes", "chickweight"])
def test_variance_between_is_that_of_paule_and_mandel(name):
    table = data(name)
    row = variance.decompose(table["y"], table["group"], permutations=0).table.loc["y"]
    assert row["sigma2_between"] == pytest.approx(TABLE[f"{name}.paule_mandel"], rel=1e-6)


@pytest.mark.parametrize("name", ["chickweight", "dyestuff2"])
def test_exact_interval_of_the_unbalanced_case(name):
    table = data(name)
    row = variance.decompose(table["y"], table["group"], permutations=0).table.loc["y"]
    assert row["icc_low"] == pytest.approx(TABLE[f"{name}.exact_low"], abs=1e-7)
    assert row["icc_high"] == pytest.approx(TABLE[f"{name}.exact_high"], abs=1e-7)


def test_restricted_likelihood_against_statsmodels_powell():
    table = data("sleepstudy")
    row = variance.decompose(table["y"], table["group"], permutations=0).table.loc["y"]
    assert row["icc_reml"] == pytest.approx(TABLE["sleepstudy.icc_reml_powell"], abs=1e-5)


def test_three_level_meta_analysis():
    table = data("schools").set_index("area")
    found = variance.reml_known_variance(table["y"], table["group"], table["v"]).iloc[0]
    assert found["sigma2_between"] == pytest.approx(TABLE["schools.sigma2_between"], abs=OPTIMISED)
    assert found["sigma2_within"] == pytest.approx(TABLE["schools.sigma2_within"], abs=OPTIMISED)
    assert found["mean"] == pytest.approx(TABLE["schools.mean"], abs=OPTIMISED)
    whole = variance.decompose(table["y"], table["group"], sampling_variance=table["v"], permutations=0)
    assert whole.table["share_reml"].item() == pytest.approx(found["share"], abs=1e-12)


@pytest.mark.parametrize("name", ["cbpp", "sids"])
def test_binomial_mixed_model(name):
    table = data(name).set_index("area")
    found = variance.glmm(table["y"], table["n"], table["group"])
    assert found.intercept == pytest.approx(TABLE[f"{name}.intercept"], rel=1e-4)
    assert found.sigma2_between == pytest.approx(TABLE[f"{name}.sigma2_between"], rel=GLMM, abs=1e-5)
    assert found.sigma2_within == pytest.approx(TABLE[f"{name}.sigma2_within"], rel=GLMM)
    assert found.sigma2_between == pytest.approx(TABLE[f"{name}.tmb_between"], rel=GLMM, abs=1e-5)
    assert found.sigma2_within == pytest.approx(TABLE[f"{name}.tmb_within"], rel=GLMM)
    assert found.loglik == pytest.approx(TABLE[f"{name}.tmb_loglik"], abs=1e-5)
    assert found.loglik == pytest.approx(TABLE[f"{name}.loglik"], abs=1e-3)
    # not worse than the optimum lme4 found
    assert found.loglik >= TABLE[f"{name}.loglik"] - 1e-6


def test_permanova_and_spread():
    table = data("dune")
    species = table.drop(columns=["group", "type"])
    raw = variance.permanova(species, table["group"], standardise=False, permutations=1999)
    # both are permutation p values: 0.0005 from 9999 draws, 0.0005 the smallest of 1999
    assert raw.p == pytest.approx(TABLE["dune.p"], abs=0.002)
    assert raw.r2 == pytest.approx(TABLE["dune.r2"], rel=EXACT)
    assert raw.f == pytest.approx(TABLE["dune.f"], rel=EXACT)
    scaled = variance.permanova(species, table["group"], permutations=99)
    assert scaled.r2 == pytest.approx(TABLE["dune.r2_scaled"], rel=EXACT)
    assert scaled.f == pytest.approx(TABLE["dune.f_scaled"], rel=EXACT)
    plain = {"standardise": False, "min_areas": 2}
    centroid = variance.dispersion(species, table["group"], centre="centroid", permutations=1999, **plain)
    assert centroid.p == pytest.approx(TABLE["dune.spread_p"], abs=0.05)
    assert centroid.f == pytest.approx(TABLE["dune.spread_f"], rel=1e-8)
    # vegan finds the spatial median by a general optimiser that stops earlier
    median = variance.dispersion(species, table["group"], permutations=9, **plain)
    assert median.f == pytest.approx(TABLE["dune.median_f"], rel=1e-3)
    assert median.distances[table.index[0]] == pytest.approx(TABLE["dune.median_first"], rel=1e-4)
    assert median.distances[table.index[-1]] == pytest.approx(TABLE["dune.median_last"], rel=1e-4)


def test_bridge_against_variation_partitioning():
    table = data("dune")
    row = variance.bridge(table["Lolipere"], table["group"], table["type"], permutations=0).iloc[0]
    assert row["only_group_adjusted"] == pytest.approx(TABLE["dune.only_group"], rel=1e-8)
    assert row["only_type_adjusted"] == pytest.approx(TABLE["dune.only_type"], rel=1e-8)
    assert row["shared_adjusted"] == pytest.approx(TABLE["dune.shared"], rel=1e-8)
    assert row["r2_both"] == pytest.approx(TABLE["dune.r2_both"], rel=1e-8)
    assert row["only_group"] == pytest.approx(TABLE["dune.margin_group"], rel=1e-8)
    assert row["only_type"] == pytest.approx(TABLE["dune.margin_type"], rel=1e-8)
    assert row["rest"] == pytest.approx(TABLE["dune.margin_rest"], rel=1e-8)


def test_false_discovery_rate():
    from sozialanalyse.analyse.variance.nulls import false_discovery

    found = false_discovery(np.array([0.001, 0.2, 0.013, 0.04, 0.04, np.nan, 0.9]))
    expected = [TABLE[f"fdr.{at}"] for at in range(6)]
    np.testing.assert_allclose(found[[0, 1, 2, 3, 4, 6]], expected, rtol=EXACT)
    assert np.isnan(found[5])


def test_empirical_bayes_rates():
    table = data("sids")
    smooth = variance.empirical_bayes(table["y"], table["n"])
    assert smooth.iloc[0] == pytest.approx(TABLE["sids.eb_first"], rel=EXACT)
    assert smooth.iloc[-1] == pytest.approx(TABLE["sids.eb_last"], rel=EXACT)


def test_spatial_autocorrelation():
    table = data("sids")
    rate = (table["y"] / table["n"]).rename("rate")
    near = neighbours()
    row = variance.morans_i(rate, neighbours=near, permutations=9999).loc["rate"]
    found = row["i"]
    assert row["p"] < 0.002
    assert row["z"] == pytest.approx(TABLE["sids.moran_z"], rel=0.05)
    assert found == pytest.approx(TABLE["sids.moran_i"], rel=1e-9)
    assert found == pytest.approx(TABLE["sids.moran_i_esda"], rel=1e-9)
    standardised = variance.morans_i(table["y"], base=table["n"], neighbours=near, permutations=9)["i"].item()
    assert standardised == pytest.approx(TABLE["sids.moran_eb"], rel=1e-6)
    local = variance.local_moran(rate, neighbours=near, permutations=99)["i"].to_numpy()
    assert local[0] == pytest.approx(TABLE["sids.local_moran_first"], rel=1e-9)
    # spdep divides by the mean square, esda by the variance with n - 1
    for key, at in (("second", 1), ("last", 99)):
        expected = TABLE[f"sids.local_moran_{key}"]
        assert local[at] in (pytest.approx(expected, rel=1e-9), pytest.approx(expected * 99 / 100, rel=1e-9))


def test_theil_index():
    table = data("sleepstudy")
    found = variance.theil(table["y"], table["group"], permutations=0)
    assert found.total == pytest.approx(TABLE["sleepstudy.theil"], rel=1e-6)
    assert found.between == pytest.approx(TABLE["sleepstudy.theil_between"], rel=1e-6)
    assert found.within == pytest.approx(TABLE["sleepstudy.theil_within"], rel=1e-6)


def test_segregation_indices():
    dune = data("dune")
    found = variance.segregation_m_h(dune.drop(columns=["group", "type"]), dune["group"], permutations=0)
    assert found.h == pytest.approx(TABLE["dune.h"], rel=1e-6)
    sids = data("sids")
    assert variance.dissimilarity(sids["y"], sids["n"])["d"] == pytest.approx(TABLE["sids.d"], rel=1e-6)


def test_borders_against_full_covariance_matrices():
    """Restricted likelihood and score of the border effect by dense matrices, and p by drawing whole fields."""
    rng = np.random.default_rng(4)
    point, codes = rng.random((30, 2)), np.arange(30) // 6
    y = rng.multivariate_normal(np.zeros(30), np.exp(-distance.cdist(point, point) / 0.4), 3).T
    maps = borders._Maps.of(point, codes)
    kernels, ones, member = list(borders._kernels(point)), np.ones((30, 1)), np.eye(5)[codes]

    def dense(model):
        kernel, ratio = divmod(int(model), len(borders._RATIO))
        return np.eye(30) if model < 0 else borders._RATIO[ratio] * kernels[kernel] + np.eye(30)

    def projected(v):
        inverse = np.linalg.inv(v)
        return inverse - inverse @ ones @ ones.T @ inverse / inverse.sum(), inverse

    def deviance(v, r):
        p, inverse = projected(v)
        return 29 * np.log(r @ p @ r) + np.linalg.slogdet(v)[1] + np.log(inverse.sum())

    centred = maps.contrast.T @ y
    fitted = maps._fit(centred)
    tried = [(kernel, ratio) for kernel in range(0, len(kernels), 4) for ratio in (0, 3, 6)]
    for column, model in enumerate(fitted):
        own = deviance(dense(model), y[:, column]) + (borders._PENALTY if model >= 0 else 0)
        for kernel, ratio in tried:
            other = deviance(dense(kernel * len(borders._RATIO) + ratio), y[:, column])
            assert own <= other + borders._PENALTY + 1e-6
        v = dense(model)
        p = projected(v)[0]

        def score(fields, p=p):
            return ((member.T @ p @ fields) ** 2).sum(axis=0) / np.einsum("ij,ij->j", fields, p @ fields)

        drawn = score(np.linalg.cholesky(v) @ rng.normal(size=(30, 4_000)))
        expected = (drawn >= score(y[:, [column]])).mean()
        ours = maps._raw(centred, fitted)[column]
        assert ours == pytest.approx(expected, abs=4 * np.sqrt(0.25 / 1_500)), model


def test_enough_numbers_are_compared():
    assert len(TABLE) >= 90
    assert np.isfinite(TABLE).all()
