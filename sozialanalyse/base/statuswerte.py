"""Why there is, or is no, number: the statuses and their order."""

from __future__ import annotations

RANG = ("geheim", "unbekannt", "folgt", "nicht_sinnvoll", "unsicher", "unvollstaendig", "geschaetzt", "vorlaeufig",
        "korrigiert", "nahe_null", "wert")  # fmt: skip
"""Of several statuses the one named first speaks for the result."""

POSITION = {status: position for position, status in enumerate(RANG)}

MIT_ZAHL = frozenset({"wert", "geschaetzt", "vorlaeufig", "korrigiert", "nahe_null", "unvollstaendig"})
"""Statuses that go with a number to show."""
