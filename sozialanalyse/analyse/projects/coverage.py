"""Who has a need and no running project where they live: counted in people, not in areas."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd


def expanded(areas: Iterable[str], kommune: pd.Series, region: str) -> tuple[str, ...]:
    """Small areas that a list of small areas, Kommunen and the region means.

    >>> expanded(["K2"], pd.Series({"a": "K1", "b": "K2", "c": "K2"}), "R")
    ('b', 'c')
    """
    wanted = set(areas)
    inside = kommune.index.isin(wanted) | kommune.isin(wanted) | (region in wanted)
    return tuple(str(key) for key in kommune.index[inside])


def covered(cells: pd.DataFrame, projects: pd.DataFrame) -> pd.DataFrame:
    """Which projects reach which cells.

    Parameters
    ----------
    cells
        Columns ``need`` and ``area``, one row per need that an area has.
    projects
        Columns ``needs`` and ``areas`` (tuples); a project reaches every pair of them.

    Returns
    -------
    DataFrame
        Projects x cells, bool.
    """
    rows = {
        key: [
            need in needs and area in areas for need, area in zip(cells["need"], cells["area"], strict=True)
        ]
        for key, needs, areas in (
            (index, frozenset(row["needs"]), frozenset(row["areas"]))
            for index, row in zip(projects.index, projects.to_dict("records"), strict=True)
        )
    }
    return pd.DataFrame(rows.values(), index=list(rows), columns=cells.index, dtype=bool)


def white_spots(cells: pd.DataFrame, running: pd.DataFrame) -> pd.DataFrame:
    """Cells that no running project reaches.

    Parameters
    ----------
    cells
        As for :func:`covered`, with ``persons``.
    running
        As the projects of :func:`covered`.

    Returns
    -------
    DataFrame
        Rows of ``cells``, most people first; a cell whose people are unknown stands last.
    """
    reached = covered(cells, running).any(axis=0) if len(running) else pd.Series(False, index=cells.index)
    return cells[~reached.reindex(cells.index)].sort_values("persons", ascending=False, kind="stable")
