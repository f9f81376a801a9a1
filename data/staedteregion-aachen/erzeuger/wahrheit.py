"""The truth behind the deliveries: inhabitants and rates per area and date.

Rates follow ``unten + (oben - unten) * expit(level of the type + municipality + area)``, so they
stay inside their plausible range. The municipality effects are scaled until the structural share
of the between-municipality variance (one-way random effects, method of moments, unweighted) is
exactly the planned one. Most of a municipality effect is one gradient that all quantities share, up
or down: municipalities differ in few respects, areas in many. So an area finds its like in other
municipalities although every quantity has its share between them.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import plan

FLAECHENEFFEKT = 0.24
"""Standard deviation of an area around its type, on the scaled logit."""
GEMEINSAM = 0.12
"""Part of it that all quantities of an area share."""
JE_STICHTAG = 0.06
EIGEN = 0.5
"""Standard deviation of a municipality effect that a family of quantities has for itself; the whole is 1."""


def einwohner(gebiete: pd.DataFrame) -> pd.DataFrame:
    """Inhabitants per area (rows) and date (columns); each Kommune meets its total exactly.

    Parameters
    ----------
    gebiete
        Index area ids; columns ``kuerzel`` (Kommune) and ``typ``.
    """
    rng = np.random.default_rng([plan.SAAT, 1])
    spread = gebiete["kuerzel"].map(plan.STREUUNG).fillna(plan.STREUUNG_SONST)
    weight: pd.Series = gebiete["typ"].map(plan.GROESSE) * np.exp(spread * rng.normal(0, 1, len(gebiete)))
    result = pd.DataFrame(0, index=gebiete.index, columns=list(plan.STICHTAGE))
    for kuerzel, part in gebiete.groupby("kuerzel", sort=False):
        unten, oben = plan.GRENZEN.get(str(kuerzel), plan.GRENZEN_SONST)
        total = plan.EINWOHNER_2021[str(kuerzel)]
        mean = _begrenzt(weight[part.index].to_numpy(), total, unten, oben)
        growth = part["typ"].map(plan.WACHSTUM).to_numpy() + rng.normal(0, 0.004, len(part))
        for step, stichtag in zip((-1, 0, 1), plan.STICHTAGE, strict=True):
            wanted = mean * (1 + step * growth)
            goal = round(total * plan.FAKTOR[stichtag])
            result.loc[part.index, stichtag] = _gerundet(wanted / wanted.sum() * goal, goal)
    return result


def _begrenzt(weight: np.ndarray, total: float, unten: float, oben: float) -> np.ndarray:
    """Share out ``total`` by weight within bounds."""
    low, high = 0.0, 10 * total / weight.min()
    for _ in range(200):
        middle = (low + high) / 2
        low, high = (middle, high) if np.clip(weight * middle, unten, oben).sum() < total else (low, middle)
    return np.clip(weight * low, unten, oben)


def _gerundet(values: np.ndarray, total: int) -> np.ndarray:
    """Round to whole numbers by largest remainder so that they add up to ``total``."""
    down = np.floor(values).astype(int)
    order = np.argsort(down - values, kind="stable")
    down[order[: total - down.sum()]] += 1
    return down


def struktureller_anteil(values: np.ndarray, gruppe: np.ndarray) -> float:
    """Between share of a one-way random effects model, method of moments, without noise.

    Parameters
    ----------
    values
        True rate per area.
    gruppe
        Number of the Kommune per area, 0 to G - 1.
    """
    n = np.bincount(gruppe)
    mean = np.bincount(gruppe, values) / n
    within = ((values - mean[gruppe]) ** 2).sum() / (n.sum() - len(n))
    between = (n * (mean - values.mean()) ** 2).sum() / (len(n) - 1)
    n0 = (n.sum() - (n**2).sum() / n.sum()) / (len(n) - 1)
    extra = max(0.0, (between - within) / n0)
    return float(extra / (extra + within))


def raten(gebiete: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """True rates per date: areas x planned quantities, in the unit of the plan, six significant decimals."""
    gruppe = pd.factorize(gebiete["kuerzel"])[0]
    typ = gebiete["typ"].to_numpy()
    gemeinsam = np.random.default_rng([plan.SAAT, 2]).normal(0, GEMEINSAM, len(gebiete))
    result = {stichtag: pd.DataFrame(index=gebiete.index) for stichtag in plan.STICHTAGE}
    place = {rate.id: number for number, rate in enumerate(plan.RATEN)}
    head = {rate.id: place[plan.FAMILIE.get(rate.id, rate.id)] for rate in plan.RATEN}
    gefaelle = _gefaelle(gruppe.max() + 1)
    for number, rate in enumerate(plan.RATEN):
        rng = np.random.default_rng([plan.SAAT, 3, number])
        area = rng.normal(0, np.sqrt(FLAECHENEFFEKT**2 - GEMEINSAM**2), len(gebiete))
        area += gemeinsam * np.sign(rate.P - rate.W)
        rng_family = np.random.default_rng([plan.SAAT, 6, head[rate.id]])
        municipal = EIGEN * rng_family.normal(0, 1, len(gefaelle))
        municipal += np.sqrt(1 - EIGEN**2) * rng_family.choice([-1, 1]) * gefaelle
        for step, stichtag in zip((-1, 0, 1), plan.STICHTAGE, strict=True):
            level = _stufe(rate, step)
            base = np.array([level[t] for t in typ]) + area + rng.normal(0, JE_STICHTAG, len(gebiete))
            moved = municipal + rng.normal(0, 0.08, len(municipal))
            values = _eingepasst(rate, base, moved, gruppe, rate.anteil + step * rate.wandel)
            result[stichtag][rate.id] = np.round(values, 6)
    return result


def _gefaelle(kommunen: int) -> np.ndarray:
    """Place of each Kommune on the gradient that all quantities share; mean 0, standard deviation 1."""
    place = np.random.default_rng([plan.SAAT, 8, 2]).normal(0, 1, kommunen)
    return (place - place.mean()) / place.std()


def _stufe(rate: plan.Rate, step: int) -> dict[str, float]:
    """Level of each type on the scaled logit."""
    values = {t: getattr(rate, t) for t in plan.TYPEN}
    mean = sum(values.values()) / len(values)
    result = {}
    for t, value in values.items():
        moved = (mean + rate.kontrast * (value - mean)) * (1 + step * rate.trend)
        share = np.clip((moved - rate.unten) / (rate.oben - rate.unten), 0.02, 0.98)
        result[t] = float(np.log(share / (1 - share)))
    return result


def _eingepasst(
    rate: plan.Rate, base: np.ndarray, municipal: np.ndarray, gruppe: np.ndarray, goal: float
) -> np.ndarray:
    """Rates whose structural share is ``goal``.

    Types are not spread evenly, so municipalities differ even without effects of their own. If that
    alone exceeds the goal, part of it is taken back; otherwise municipality effects are added.
    """
    composition = np.bincount(gruppe, base) / np.bincount(gruppe)
    composition -= composition[gruppe].mean()
    n = np.bincount(gruppe)
    own = municipal - (n * municipal).sum() / n.sum()
    own -= composition * (n * own * composition).sum() / (n * composition**2).sum()

    def values(size: float) -> np.ndarray:
        effect = size * own if size > 0 else size * composition
        return rate.unten + (rate.oben - rate.unten) / (1 + np.exp(-(base + effect[gruppe])))

    if struktureller_anteil(values(0.0), gruppe) > goal:
        low, high = -1.3, 0.0
    else:
        low, high = 0.0, 6.0
    for _ in range(80):
        middle = (low + high) / 2
        low, high = (middle, high) if struktureller_anteil(values(middle), gruppe) < goal else (low, middle)
    return values(high)
