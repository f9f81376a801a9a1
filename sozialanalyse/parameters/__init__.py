"""Parameters of the notebooks: one model each, the same for batch, page link and JupyterLab.

A value that is unknown, ill-typed or names something the data do not hold is refused with a sentence
before any kernel starts. Text stays text: nothing is guessed from how a value looks.
"""

from __future__ import annotations

from sozialanalyse.parameters.modelle import (
    ALLE,
    MEISTE_GEBIETE,
    NEUESTER,
    NOTEBOOKS,
    AtlasParameter,
    ClusterParameter,
    DatenstandParameter,
    IndexParameter,
    KommunalprofilParameter,
    Parameter,
    SozialraumprofilParameter,
    ThemenreportParameter,
    VarianzParameter,
)
from sozialanalyse.parameters.plan import AUFZAEHLBAR, Lauf, adressen, laeufe, slug
from sozialanalyse.parameters.pruefung import aus_link, modell, pruefe, werte_aus_text
from sozialanalyse.parameters.vorrat import KeineWerte, Vorrat

__all__ = [
    "ALLE",
    "AUFZAEHLBAR",
    "MEISTE_GEBIETE",
    "NEUESTER",
    "NOTEBOOKS",
    "AtlasParameter",
    "ClusterParameter",
    "DatenstandParameter",
    "IndexParameter",
    "KeineWerte",
    "KommunalprofilParameter",
    "Lauf",
    "Parameter",
    "SozialraumprofilParameter",
    "ThemenreportParameter",
    "VarianzParameter",
    "Vorrat",
    "adressen",
    "aus_link",
    "laeufe",
    "modell",
    "pruefe",
    "slug",
    "werte_aus_text",
]
