"""German figures and enumerations for messages."""

from __future__ import annotations

from collections.abc import Iterable

from sozialanalyse.base import zahl


def p_value(p: float) -> str:
    """Sign and value, for a sentence with ``p {p}``; never a p of zero."""
    return "< 0,001" if p < 0.001 else f"= {zahl(p, 3 if p < 0.01 else 2)}"


def listed(names: Iterable[object], shown: int = 8) -> str:
    """Names with commas; a long list is cut and says how many are left."""
    words = [str(name) for name in names]
    rest = len(words) - shown
    return ", ".join(words[:shown]) + (f" + {rest}" if rest > 0 else "")
