"""The first sentence of the start page, whatever number of indicators it counts."""

from __future__ import annotations

import pandas as pd
import pytest

from sozialanalyse.seiten.index import IndexBericht


@pytest.mark.parametrize(
    ("urteile", "satz"),
    [
        (["innen_eher"], "Beim einzigen Indikator, bei dem das zu entscheiden ist, liegen die Unterschiede eher innerhalb der Orte als "
         "zwischen ihnen; sicher zu sagen ist es mit diesen Daten nicht."),
        (["zwischen_sicher"], "Beim einzigen Indikator, bei dem das zu entscheiden ist, liegen die Unterschiede eher zwischen den Orten als "
         "innerhalb; die Daten reichen, um das sicher zu sagen."),
        (["innen_eher", "zwischen_sicher"], "Bei 1 von 2 Indikatoren liegen die Unterschiede eher innerhalb der Orte als zwischen ihnen; bei "
         "keinem reichen die Daten, um das sicher zu sagen."),
        (["innen_sicher", "innen_sicher", "zwischen_sicher"], "Bei 2 von 3 Indikatoren liegen die Unterschiede eher innerhalb der Orte als "
         "zwischen ihnen; bei 2 reichen die Daten, um das sicher zu sagen."),
    ],
)  # fmt: skip
def test_one_and_none_are_said_in_words(urteile, satz):
    page = object.__new__(IndexBericht)
    page.__dict__["worte"] = {"kommunen": "Orte", "kommunen_dativ": "Orten"}
    assert page._innen(pd.Series(urteile)) == satz
