"""The same numbers as R's stats, cluster, fpc, mclust, car and psych (stored; see tests/referenz)."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from sozialanalyse.analyse.clusters.choice import gap, prediction_strength
from sozialanalyse.analyse.clusters.kmeans import squared_distances
from sozialanalyse.analyse.clusters.methods import pam, partition
from sozialanalyse.analyse.clusters.yardstick import fit_yardstick
from sozialanalyse.analyse.indices import cronbach_alpha, first_component
from sozialanalyse.clusters import adjusted_rand, choose_k, cluster

FOLDER = Path(__file__).parents[2] / "referenz"
TABLE = pd.read_csv(FOLDER / "referenz_clusters.csv")


def data(name: str) -> pd.DataFrame:
    return pd.read_csv(FOLDER / "daten_clusters" / f"{name}.csv").astype(float)


def ours(key: str) -> float:
    """Our number for a key ``data.k.what`` or ``data.what``."""
    name, *middle, what = key.split(".")
    if name == "attitude" and middle:
        return float(first_component(data(name)).loadings.abs()[what])
    if name == "attitude":
        table = data(name)
        z = (table - table.mean()) / table.std()
        return cronbach_alpha(z) if what == "alpha" else first_component(z).explained
    if name == "rivers":
        return float(fit_yardstick(data(name)).table.loc["x", "lambda_"])
    matrix, k = data(name), int(middle[0])
    x = matrix.to_numpy()
    if what in ("pam_cost", "pam_rand"):
        distance = np.sqrt(squared_distances(x, x))
        labels, medoids = pam(distance, k)
        if what == "pam_cost":
            return float(distance[:, medoids].min(axis=1).sum())
        return adjusted_rand(labels, partition(x, k, "kmeans", np.random.default_rng(1)))
    if what == "ward_rand":
        trees, means = (partition(x, k, method, np.random.default_rng(1)) for method in ("ward", "kmeans"))
        return adjusted_rand(trees, means)
    if what == "ward_wss":
        return cluster(matrix, k=k, method="ward", prepare=False, bootstrap=0, gate=0).wss
    if what == "mixture_rand":
        mixture = cluster(matrix, k=k, method="gmm", prepare=False, bootstrap=0, gate=0)
        return adjusted_rand(mixture.labels.to_numpy(), data(f"{name}_vii")["typ"].to_numpy())
    if what in ("jaccard_min", "jaccard_mean"):
        stability = cluster(matrix, k=k, prepare=False, bootstrap=1000, gate=0).stability
        return float(stability.min() if what == "jaccard_min" else stability.mean())
    if what == "prediction_strength":
        return prediction_strength(x, k, np.random.default_rng(0), splits=100)
    if what == "gap":
        return float(gap(x, [k], seed=0, draws=300)[0][0])
    if what == "calinski_harabasz":
        table = choose_k(matrix, kmax=k, prepare=False, bootstrap=0, gate=0)
        return float(table.set_index("k").loc[k, "calinski_harabasz"])
    result = cluster(matrix, k=k, prepare=False, bootstrap=0, gate=0)
    return result.wss if what == "kmeans_wss" else result.silhouette


@pytest.mark.parametrize("row", TABLE.to_dict("records"), ids=lambda row: row["key"])
def test_equals_r(row: dict[str, float]) -> None:
    key, expected, tolerance = str(row["key"]), float(row["value"]), float(row["tolerance"])
    scale = max(1.0, abs(expected)) if tolerance < 1e-2 else 1.0
    assert ours(key) == pytest.approx(expected, abs=tolerance * scale), row["source"]


def test_there_are_enough_numbers() -> None:
    assert len(TABLE) >= 40
