"""Disclosure control: the one gate that everything passes on its way to an audience."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sozialanalyse.geheimhaltung import regelstand, register, registerschutz
from sozialanalyse.geheimhaltung.lesbare_summen import zeigbar
from sozialanalyse.geheimhaltung.personen import pruefe as personen
from sozialanalyse.geheimhaltung.regeln import nicht_pruefbar

if TYPE_CHECKING:
    from sozialanalyse.geheimhaltung.alternative import alternativen
    from sozialanalyse.geheimhaltung.sperren import Schutz, intern, oeffentlich, schuetze
    from sozialanalyse.geheimhaltung.wissen import Wissen

__all__ = [
    "Schutz",
    "Wissen",
    "alternativen",
    "intern",
    "nicht_pruefbar",
    "oeffentlich",
    "personen",
    "regelstand",
    "register",
    "registerschutz",
    "schuetze",
    "zeigbar",
]


def __getattr__(name: str) -> Any:
    """Protecting loads solvers; whoever only reads the register does not wait for them."""
    if name == "Wissen":
        from sozialanalyse.geheimhaltung import wissen

        return wissen.Wissen
    if name in __all__:
        from sozialanalyse.geheimhaltung import alternative, sperren

        return getattr(alternative if name == "alternativen" else sperren, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
