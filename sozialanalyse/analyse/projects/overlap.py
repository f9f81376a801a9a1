"""Double funding: the same applicant, or the same purpose in the same area, at the same time from two pots."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable
from difflib import SequenceMatcher
from itertools import combinations
from typing import Any

import pandas as pd

from sozialanalyse.analyse.projects._said import said

ALIKE = 0.8
"""Similarity of two titles from which they are named as a hint; alone it says nothing."""
_WORDS = ["applicant", "purpose", "begin", "end", "title"]
_FIRST, _LAST = "0001-01-01", "9999-12-31"


def double_funding(projects: pd.DataFrame) -> pd.DataFrame:
    """Pairs of projects to be cleared up.

    Parameters
    ----------
    projects
        Index of projects with the columns pot, applicant, purpose, areas (tuple), begin, end (ISO), title; an
        unknown begin or end lies as far off as can be.

    Returns
    -------
    DataFrame
        One row per pair whose periods overlap: ``first``, ``second``, ``applicant``, ``purpose`` (whether
        purpose and an area are the same), ``areas`` they share, ``alike`` (whether titles are similar). Pairs
        of one pot count only if both applicant and purpose are the same.
    """
    words = projects.assign(**{key: projects[key].map(said).astype(object) for key in _WORDS})
    records = dict(zip(projects.index, words.to_dict("records"), strict=True))
    found = []
    for one, other in sorted(_candidates(records), key=lambda pair: (str(pair[0]), str(pair[1]))):
        a, b = records[one], records[other]
        if (a["begin"] or _FIRST) > (b["end"] or _LAST) or (b["begin"] or _FIRST) > (a["end"] or _LAST):
            continue
        applicant = a["applicant"] != "" and a["applicant"] == b["applicant"]
        shared = tuple(area for area in a["areas"] if area in set(b["areas"]))
        purpose = a["purpose"] != "" and a["purpose"] == b["purpose"] and bool(shared)
        if (applicant or purpose) if a["pot"] != b["pot"] else (applicant and purpose):
            found.append((one, other, applicant, purpose, shared, _alike(a["title"], b["title"])))
    return pd.DataFrame(found, columns=["first", "second", "applicant", "purpose", "areas", "alike"])


def _candidates(records: dict[Hashable, dict[Hashable, Any]]) -> set[tuple[Hashable, Hashable]]:
    """Pairs that share an applicant or a purpose, so that not every pair is looked at."""
    groups: dict[tuple[str, object], list[Hashable]] = defaultdict(list)
    for key, row in records.items():
        for field in ("applicant", "purpose"):
            if row[field]:
                groups[field, row[field]].append(key)
    return {pair for keys in groups.values() for pair in combinations(keys, 2)}


def _alike(one: str, other: str) -> bool:
    first, second = one.casefold(), other.casefold()
    return bool(first and second) and SequenceMatcher(None, first, second).ratio() >= ALIKE
