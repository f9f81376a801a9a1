"""Reports: what a notebook shows, one method per finding.

Here data, analysis and presentation meet, so that a notebook stays a list of findings. Each report
is made from its checked parameters; each method returns something that displays itself.
"""

from __future__ import annotations

from typing import Any

import yaml

from sozialanalyse.berichte.atlas import AtlasBericht
from sozialanalyse.berichte.cluster import ClusterBericht
from sozialanalyse.berichte.datenstand import DatenstandBericht
from sozialanalyse.berichte.index import IndexBericht
from sozialanalyse.berichte.kommunalprofil import KommunalprofilBericht
from sozialanalyse.berichte.sozialraumprofil import SozialraumprofilBericht
from sozialanalyse.berichte.themenreport import ThemenreportBericht
from sozialanalyse.berichte.varianz import VarianzBericht

PROFILE: dict[str, tuple[type[Any], str, str]] = {
    "kommunalprofil": (KommunalprofilBericht, "kommune", "themenkapitel"),
    "sozialraumprofil": (SozialraumprofilBericht, "sozialraum", "auffaelliges"),
    "themenreport": (ThemenreportBericht, "report", "fragenkapitel"),
}
"""Report -> its class, the parameter that names its place, the method that makes its texts."""


def redaktionsvorlage(bericht: str, ort: str) -> str:
    """All generated texts of a report in the form of a page below ``redaktion``.

    Raises
    ------
    ParameterFehler
        If there is no such place.
    """
    kind, name, texts = PROFILE[bericht]
    report = kind(**{name: ort})
    report.kurzfassung()
    report.einfach()
    getattr(report, texts)()
    entries = [
        {"bericht": bericht, "ort": report.ort_id, "baustein": block, "zahlen": numbers, "text": words}
        for block, (numbers, words) in report.bausteine.items()
    ]
    return yaml.safe_dump({"aenderungen": entries}, allow_unicode=True, sort_keys=False, width=100)


__all__ = [
    "AtlasBericht",
    "ClusterBericht",
    "DatenstandBericht",
    "IndexBericht",
    "KommunalprofilBericht",
    "SozialraumprofilBericht",
    "ThemenreportBericht",
    "VarianzBericht",
    "redaktionsvorlage",
]
