"""The region and its KomMonitor: deliveries from there, results back, and what everybody will see afterwards."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sozialanalyse.austausch.holen import hole
from sozialanalyse.austausch.vertragsseiten import schreibe_anhang
from sozialanalyse.base import tuer

if TYPE_CHECKING:
    from sozialanalyse.austausch.gruenden import gruende
    from sozialanalyse.austausch.planseite import plansaetze
    from sozialanalyse.austausch.vorgaenge import nimm_zurueck, plane, wende_an

__all__ = ["gruende", "hole", "nimm_zurueck", "plane", "plansaetze", "schreibe_anhang", "wende_an"]

__getattr__ = tuer(
    __name__,
    {
        "gruende": "gruenden",
        "plansaetze": "planseite",
        "plane": "vorgaenge",
        "wende_an": "vorgaenge",
        "nimm_zurueck": "vorgaenge",
    },
)
"""What loads the analyses; whoever only fetches does not wait for them."""
