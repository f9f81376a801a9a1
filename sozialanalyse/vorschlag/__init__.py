"""Drafts: a page from a delivered file, a region from a folder; tried before anybody sees them, nothing guessed silently."""

from __future__ import annotations

from sozialanalyse.vorschlag.entwurf import Entwurf, entwirf

__all__ = ["Entwurf", "entwirf"]
