"""Drafts: a page from a delivered file, a region from a folder; tried before anybody sees them, nothing guessed silently."""

from __future__ import annotations

from sozialanalyse.vorschlag.entwurf import Entwurf, entwirf
from sozialanalyse.vorschlag.gruendung import Gruendung, gruende
from sozialanalyse.vorschlag.seitenentwurf import fluss, skalar

__all__ = ["Entwurf", "Gruendung", "entwirf", "fluss", "gruende", "skalar"]
