"""Reports: what a notebook shows, one method per finding.

Here data, analysis and presentation meet, so that a notebook stays a list of findings. Each report
is made from its checked parameters; each method returns something that displays itself.
"""

from __future__ import annotations

from sozialanalyse.berichte.atlas import AtlasBericht
from sozialanalyse.berichte.cluster import ClusterBericht
from sozialanalyse.berichte.datenstand import DatenstandBericht
from sozialanalyse.berichte.index import IndexBericht
from sozialanalyse.berichte.kommunalprofil import KommunalprofilBericht
from sozialanalyse.berichte.sozialraumprofil import SozialraumprofilBericht
from sozialanalyse.berichte.themenreport import ThemenreportBericht
from sozialanalyse.berichte.varianz import VarianzBericht

__all__ = [
    "AtlasBericht",
    "ClusterBericht",
    "DatenstandBericht",
    "IndexBericht",
    "KommunalprofilBericht",
    "SozialraumprofilBericht",
    "ThemenreportBericht",
    "VarianzBericht",
]
