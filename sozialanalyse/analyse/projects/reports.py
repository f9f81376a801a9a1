"""What is owed to the next meeting: yearly reports, news, proofs of use, projects past their end."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

import pandas as pd

from sozialanalyse.analyse.projects._said import said

YEARLY, NEWS = "yearly", "news"


def changes(history: pd.DataFrame) -> pd.DataFrame:
    """States that differ from the one before them in status or text; the first of a project among them.

    Parameters
    ----------
    history
        Columns ``id``, ``day`` (ISO), ``status``, ``text``; one row per state.

    Returns
    -------
    DataFrame
        Rows of ``history``, oldest first, with ``before``: the status before, "" for the first.
    """
    ordered = history.sort_values(["day", "id"], kind="stable")
    told = ordered.assign(text=ordered["text"].map(said).astype(object))
    before = told.groupby("id")[["status", "text"]].shift()
    new = before["status"].isna() | (before["status"] != told["status"]) | (before["text"] != told["text"])
    return ordered.assign(before=[said(status) for status in before["status"]])[new]


def owed(
    history: pd.DataFrame,
    meeting: date,
    *,
    running: Collection[str],
    closed: Collection[str],
) -> pd.DataFrame:
    """What projects owe by a meeting.

    Parameters
    ----------
    history
        As for :func:`changes`, with ``duty`` (yearly, news or anything else for none), ``begin``, ``end``,
        ``report`` (day of the last report), ``proof`` (day on which use was proved) and ``months`` (within which
        it must be, after the end; missing for never). Of days that only some states name the latest counts.
    running, closed
        States of running and of finished projects.

    Returns
    -------
    DataFrame
        One row per duty: ``id``, ``why`` (yearly, news, proof, overrun) and ``since`` (ISO; "" if unknown).

        A yearly report is owed a year after the last one, else after the begin; a finished project owes one
        last report. News are changes since the last report. A project reported as running whose end lies before
        the newest day of the history is to be cleared up.
    """
    rows = []
    today = max(map(str, history["day"]), default="")
    news = changes(history).groupby("id")["day"].max()
    for key, states in history.sort_values("day", kind="stable").groupby("id", sort=True):
        last = states.iloc[-1]
        report, proof = (_latest(states[name]) for name in ("report", "proof"))
        begin, end = (_latest(states[name]) for name in ("begin", "end"))
        changed = str(news[key])
        unreported = changed if changed > report else ""
        if last["duty"] == YEARLY:
            over = last["status"] in closed
            due = unreported if over else _later(report or begin, 12)
            if due <= meeting.isoformat() and (due or not over):
                rows.append((key, "yearly", due))
        elif last["duty"] == NEWS and unreported and unreported <= meeting.isoformat():
            rows.append((key, "news", unreported))
        if end and not proof and pd.notna(last["months"]) and last["status"] not in ("", None):
            due = _later(end, int(last["months"]))
            if due <= meeting.isoformat():
                rows.append((key, "proof", due))
        if end and last["status"] in running and end < today:
            rows.append((key, "overrun", end))
    return pd.DataFrame(rows, columns=["id", "why", "since"])


def _latest(days: pd.Series) -> str:
    return max(map(said, days), default="")


def _later(day: str, months: int) -> str:
    """The same day so many months later, the last of a shorter month; "" for an unknown day."""
    if not day:
        return ""
    then = pd.Timestamp(day) + pd.DateOffset(months=months)
    return then.date().isoformat()
