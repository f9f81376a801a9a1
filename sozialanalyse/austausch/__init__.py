"""The region and its KomMonitor: deliveries from there, results back, and what everybody will see afterwards."""

from __future__ import annotations

from sozialanalyse.austausch.anhang import schreibe_anhang
from sozialanalyse.austausch.holen import hole

__all__ = ["hole", "schreibe_anhang"]
