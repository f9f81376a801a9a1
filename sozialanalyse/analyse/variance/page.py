"""The decomposition as a small accessible HTML table with a drawn interval per row."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from typing import Any

import numpy as np
import pandas as pd

from sozialanalyse.base import zahl

from .wording import Words, percent

_WIDTH, _HEIGHT = 140, 16


def render(table: pd.DataFrame, words: Words, summary: str, messages: Iterable[str]) -> str:
    """Heading, summary, table and messages."""
    say = words.say
    heads = ("indikator", "karte", "zufall", "dauerhaft", "bereich", "p_frei", "p_grenze", "n")
    head = "".join(f'<th scope="col">{escape(say(f"html.{name}"))}</th>' for name in heads)
    rows = "".join(_row(str(name), row, say) for name, row in table.iterrows())
    notes = "".join(f"<li>{escape(message)}</li>" for message in messages)
    return (
        f"<section><h4>{escape(say('html.titel'))}</h4><p>{escape(summary)}</p>"
        f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"
        f"<details><summary>{escape(say('html.hinweise'))}</summary><ul>{notes}</ul></details></section>"
    )


def _row(name: str, row: pd.Series[Any], say: Any) -> str:
    def share(value: float) -> str:
        return say("html.unbestimmt") if np.isnan(value) else say("html.prozent", wert=percent(value))

    low, high = row["share_low"], row["share_high"]
    known = not np.isnan([row["share_structural"], low, high]).any()
    span = say("html.spanne", low=percent(low), high=percent(high)) if known else say("html.unbestimmt")
    tests = ["" if np.isnan(row[p]) else zahl(row[p], 3) for p in ("p_free", "p_contiguous")]
    cells = [
        share(row["eta2_weighted"]),
        share(row["eta2_weighted_null"]),
        share(row["share_structural"]),
        span,
        *tests,
        str(int(row["n"])),
    ]
    drawn = _picture(row, say) if known else ""
    body = "".join(f"<td>{escape(cell)}{drawn if at == 3 else ''}</td>" for at, cell in enumerate(cells))
    return f'<tr><th scope="row">{escape(name)}</th>{body}</tr>'


def _picture(row: pd.Series[Any], say: Any) -> str:
    share, low, high, null = (
        row[column] for column in ("share_structural", "share_low", "share_high", "eta2_weighted_null")
    )
    null_text = "–" if np.isnan(null) else percent(null)
    label = say("html.bild", share=percent(share), low=percent(low), high=percent(high), null=null_text)
    middle = _HEIGHT / 2
    at = [round(_WIDTH * value, 1) for value in (low, high, share)]
    mark = (
        ""
        if np.isnan(null)
        else f'<line x1="{_WIDTH * null:.1f}" x2="{_WIDTH * null:.1f}" y1="0" y2="{_HEIGHT}" '
        'stroke="currentColor" stroke-dasharray="2 2"/>'
    )
    return (
        f'<br><svg role="img" aria-label="{escape(label)}" width="{_WIDTH}" height="{_HEIGHT}" '
        f'viewBox="-4 0 {_WIDTH + 8} {_HEIGHT}">'
        f'<line x1="0" x2="{_WIDTH}" y1="{middle}" y2="{middle}" stroke="currentColor" opacity=".25"/>'
        f'<line x1="{at[0]}" x2="{at[1]}" y1="{middle}" y2="{middle}" stroke="currentColor" stroke-width="3"/>'
        f'<circle cx="{at[2]}" cy="{middle}" r="4" fill="currentColor"/>{mark}</svg>'
    )
