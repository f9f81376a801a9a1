"""Words of a table, whatever a gap looks like in it."""

from __future__ import annotations


def said(value: object) -> str:
    """The word, "" for a gap."""
    return value if isinstance(value, str) else ""
