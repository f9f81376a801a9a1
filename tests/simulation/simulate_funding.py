"""Planted risks for the certainty of funding decisions: how often is each word right?

``python tests/simulation/simulate_funding.py [--reps 100]`` prints a table in markdown (about two minutes):
per size of the areas and rule, how many decisions get each word, how many of them are the decisions of the
true risks, and how many come again in an independent year. ``anleitung/methods.md`` quotes a run.
"""

from __future__ import annotations

import argparse

import numpy as np
import pandas as pd

from sozialanalyse.analyse.funding import Quota, Rule, Taper, Threshold, certainty

WORDS = ("sicher", "wahrscheinlich", "offen")
RULES: dict[str, Rule] = {"threshold": Threshold(0.6), "quota": Quota(0.3), "taper": Taper(0.4, 0.8)}
SIGN = {"x": 1.0, "y": 1.0}


def world(
    seed: int, areas: int = 60, people: int = 1_500, spread: float = 0.05
) -> tuple[pd.DataFrame, pd.DataFrame, np.random.Generator]:
    """True risks of two indicators with a common core, people at risk, and the generator for years."""
    rng = np.random.default_rng(seed)
    index = [f"G{i}" for i in range(areas)]
    core = rng.normal(size=areas)
    risk = pd.DataFrame(
        {n: np.clip(0.15 + spread * (core + 0.4 * rng.normal(size=areas)), 0.01, 0.9) for n in SIGN}, index
    )
    return risk, pd.DataFrame(people, index=index, columns=list(SIGN)), rng


def draw(risk: pd.DataFrame, base: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Cases of one year."""
    return pd.DataFrame(rng.binomial(base, risk), risk.index, risk.columns)


def judged(seed: int, rule: Rule, *, people: int = 1_500, draws: int = 100) -> pd.DataFrame:
    """Areas x word, whether the true risks decide alike (``true``), and an independent year (``again``)."""
    risk, base, rng = world(seed, people=people)
    now, later = draw(risk, base, rng), draw(risk, base, rng)
    found = certainty(now / base, SIGN, rule, count=now, base=base, draws=draws).table
    plain = [certainty(one, SIGN, rule, draws=1).table["erfuellt"] for one in (risk, later / base)]
    return pd.DataFrame(
        {
            "word": found["gewissheit"],
            "true": found["erfuellt"] == plain[0],
            "again": found["erfuellt"] == plain[1],
        }
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--reps", type=int, default=100)
    reps = parser.parse_args().reps
    print("| rule | people | " + " | ".join(f"{word}: share, right, again" for word in WORDS) + " |")
    print("|---|---:|" + "---|" * len(WORDS))
    for name, rule in RULES.items():
        for people in (300, 1_500, 6_000):
            found = pd.concat([judged(seed, rule, people=people) for seed in range(reps)])
            cells = []
            for word in WORDS:
                these = found[found["word"] == word]
                cells.append(f"{len(these) / len(found):.2f}, {these['true'].mean():.3f}, {these['again'].mean():.3f}")  # fmt: skip
            print(f"| {name} | {people:,} | " + " | ".join(cells) + " |", flush=True)


if __name__ == "__main__":
    main()
