"""How sure a decision is: other years of the same risk, other weights, other limits, one indicator less."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from sozialanalyse.analyse.funding.rules import WINSOR, Rule, need_scores, scale_of, weighted_mean
from sozialanalyse.analyse.indices.uncertainty import redraws, scatter_known
from sozialanalyse.base import Ergebnis, ParameterFehler, text, zahl

SURE, LIKELY = 0.95, 0.80
DRAWS = 500
SEED = 20240613
JITTER = 0.25
STANDS = ("sicher", "wahrscheinlich", "offen")


@dataclass(frozen=True, repr=False)
class CertaintyResult(Ergebnis):
    """Which decisions stand.

    Attributes
    ----------
    table
        Per area ``score``, ``fehler`` (its standard error from the noise of counts, weights as given),
        ``anteil`` (share the rule grants), ``erfuellt`` (whether more than 0),
        ``haeufigkeit`` (share of draws in which it qualifies; counts and weights redrawn),
        ``gewissheit`` (``sicher``: the same decision in at least 95 % of the draws and under every
        alternative of ``checks`` but other limits, and the noise of every ingredient known;
        ``wahrscheinlich``: at least 80 %; else ``offen``),
        ``kippt_bei`` (alternatives with another decision, joined by ``; ``), and with a budget
        ``betrag_tief, betrag_hoch`` (10th and 90th percentile). Areas without a score: no decision.
    checks
        Areas x alternatives, whether the area qualifies: ``ohne <Indikator>``, ``Vorjahr``, and the other
        rules given.
    share_of_areas, share_of_people
        Qualified areas and people living in them, as shares.
    without_noise
        Ingredients that some area has without cases: nobody knows how much they scatter there.
    """

    table: pd.DataFrame
    checks: pd.DataFrame
    share_of_areas: float
    share_of_people: float
    without_noise: tuple[str, ...]

    def summary(self) -> str:
        """One German sentence: how many qualify, how many people live there, how many are sure."""
        inside = self.table["erfuellt"].fillna(False).astype(bool)
        stands = self.table["gewissheit"]
        out = stands[~inside & self.table["score"].notna()]
        return text(
            "funding.gewissheit.satz",
            erfuellt=str(int(inside.sum())),
            gebiete=str(int(self.table["score"].notna().sum())),
            personen=zahl(100 * self.share_of_people),
            sicher=str(int((stands[inside] == "sicher").sum())),
            wahrscheinlich=str(int((stands[inside] == "wahrscheinlich").sum())),
            offen=str(int((stands[inside] == "offen").sum())),
            knapp=str(int((out == "offen").sum())),
        )


def certainty(
    matrix: pd.DataFrame,
    polarity: Mapping[str, float],
    rule: Rule,
    weights: Mapping[str, float] | None = None,
    *,
    count: pd.DataFrame | None = None,
    base: pd.DataFrame | None = None,
    population: pd.Series | None = None,
    weighted: bool = False,
    before: pd.DataFrame | None = None,
    previous: pd.Series | None = None,
    passes: pd.Series | None = None,
    others: Mapping[str, Rule] | None = None,
    amounts: Callable[[pd.Series, pd.Series], pd.Series] | None = None,
    winsor: float = WINSOR,
    draws: int = DRAWS,
    seed: int = SEED,
) -> CertaintyResult:
    """Say which areas qualify, and how sure that is.

    Parameters
    ----------
    matrix, polarity, weights, winsor
        As in :func:`need_scores`.
    rule
        Makes a share of a score.
    count, base
        Cases and people at risk per ingredient; ingredients without them stay as they are, and no decision
        that rests on one is called ``sicher``. Cases are redrawn from Bin(n, (y + 1/2)/(n + 1)) and the deviation added to what was observed.
    population
        People per area, for the share of people covered; with ``weighted`` also for mean and spread.
    before
        Matrix of the year before, on mean and spread of ``matrix``.
    previous
        Shares granted in the last period, for rules with hysteresis.
    passes
        Whether an area passes the gates; the others never qualify.
    others
        Name -> other rule (other limits), listed in ``checks``.
    amounts
        Function of share and score that gives euro; run on every draw.
    draws, seed
        Redraws; each also redraws every weight between 75 % and 125 %.

    Raises
    ------
    ParameterFehler, DatenFehler
        As :func:`need_scores`; draws below 1.

    Notes
    -----
    Registers are complete counts: the draws show how a decision could look in another year of the same
    risk, not a sampling error. Mean and spread stay those of the observed year.
    """
    if draws < 1:
        raise ParameterFehler(text("funding.fehler.ziehungen", wert=str(draws)))
    people = population if weighted else None
    gate = pd.Series(True, index=matrix.index) if passes is None else passes.reindex(matrix.index) == True  # noqa: E712

    def shares(score: pd.Series, by: Rule = rule) -> pd.Series:
        return by.share(score, previous).where(gate | score.isna(), 0.0)

    def scores(data: pd.DataFrame, weight: Mapping[str, float] | None) -> pd.Series:
        reference = matrix[list(data.columns)]
        return need_scores(data, polarity, weight, population=people, reference=reference, winsor=winsor)[0]

    score = scores(matrix, weights)
    share = shares(score)
    known = score.notna()
    checks = _alternatives(matrix, weights, before, scores, shares, others, score)
    given = np.array([1.0 if weights is None else weights[name] for name in matrix.columns], dtype=float)
    scale = scale_of(matrix, polarity, people)
    rng = np.random.default_rng([seed, 2])
    hits, sums, squares = (np.zeros(len(matrix)) for _ in range(3))
    money = np.full((draws, len(matrix)), np.nan) if amounts is not None else None
    for b, values in enumerate(redraws(matrix, count, base, draws, seed)):
        z = scale.z(values, winsor)
        noise = weighted_mean(z, given) - score.to_numpy()
        sums, squares = sums + noise, squares + noise**2
        jitter = given * rng.uniform(1 - JITTER, 1 + JITTER, len(given))
        other = pd.Series(weighted_mean(z, jitter), index=matrix.index)
        granted = shares(other)
        hits += (granted > 0).to_numpy()
        if money is not None and amounts is not None:
            money[b] = amounts(granted, other).reindex(matrix.index).to_numpy(float)
    inside = share > 0
    often = pd.Series(hits / draws, index=matrix.index).where(known)
    same = often.where(inside, 1 - often)
    tilts = _tilts(checks, inside, [name for name in checks if name not in (others or {})])
    heard = scatter_known(matrix, count, base)
    table = pd.DataFrame(
        {
            "score": score,
            "fehler": np.sqrt(np.maximum(squares / draws - (sums / draws) ** 2, 0.0)),
            "anteil": share,
            "erfuellt": inside.astype("boolean").where(known),
            "haeufigkeit": often,
            "gewissheit": _stands(same, (tilts == "") & heard.all(axis=1), known),
            "kippt_bei": _tilts(checks, inside, list(checks)).where(known, ""),
        },
        index=matrix.index,
    )
    if money is not None:
        table["betrag_tief"], table["betrag_hoch"] = np.nanquantile(np.nan_to_num(money), [0.1, 0.9], axis=0)
    covered = float("nan")
    if population is not None and population.reindex(matrix.index)[known].sum() > 0:
        living = population.reindex(matrix.index)[known].astype(float)
        covered = float(living[inside[known]].sum() / living.sum())
    return CertaintyResult(
        table,
        checks,
        float(inside[known].mean()) if known.any() else float("nan"),
        covered,
        tuple(map(str, heard.columns[~heard[known].all()])),
    )


def _alternatives(
    matrix: pd.DataFrame,
    weights: Mapping[str, float] | None,
    before: pd.DataFrame | None,
    scores: Callable[[pd.DataFrame, Mapping[str, float] | None], pd.Series],
    shares: Callable[..., pd.Series],
    others: Mapping[str, Rule] | None,
    score: pd.Series,
) -> pd.DataFrame:
    """Areas x alternatives: whether an area qualifies; missing where it then has no score."""
    found: dict[str, pd.Series] = {}
    if matrix.shape[1] > 1:
        for name in matrix.columns:
            rest = [other for other in matrix.columns if other != name]
            part = None if weights is None else {other: weights[other] for other in rest}
            found[f"ohne {name}"] = scores(matrix[rest], part)
    if before is not None:
        found["Vorjahr"] = scores(before.reindex(index=matrix.index, columns=matrix.columns), weights)
    checks = {
        name: (shares(value) > 0).astype("boolean").where(value.notna()) for name, value in found.items()
    }
    for name, other in (others or {}).items():
        checks[name] = (shares(score, other) > 0).astype("boolean").where(score.notna())
    return pd.DataFrame(checks, index=matrix.index)


def _tilts(checks: pd.DataFrame, inside: pd.Series, names: Sequence[str]) -> pd.Series:
    """Names of the alternatives under which the decision is another one."""
    other = pd.DataFrame(
        {name: (checks[name] != inside).fillna(False).astype(bool) for name in names}, index=checks.index
    )
    return pd.Series(
        ["; ".join(name for name in names if other.at[area, name]) for area in checks.index],
        index=checks.index,
        dtype=object,
    )


def _stands(same: pd.Series, steady: pd.Series, known: pd.Series) -> pd.Series:
    """Word per area; an alternative with another decision, or noise nobody knows, takes ``sicher`` away."""
    word = np.select(
        [(same >= SURE) & steady, same >= LIKELY],
        ["sicher", "wahrscheinlich"],
        default="offen",
    )
    return pd.Series(word, index=same.index, dtype=object).where(known)
