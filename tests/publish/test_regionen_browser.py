"""Pages of two real regions in Chromium and on paper: open data, other words for the levels, no mark."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from bestaende import REGIONEN, datenordner
from durchsicht import durchsicht
from papier import maengel
from seitenlauf import lege_alle

from sozialanalyse import store
from sozialanalyse.seiten import Lauf, seite

pytestmark = [pytest.mark.browser, pytest.mark.langsam, pytest.mark.realdaten]
SEITEN: dict[str, dict[str, dict[str, Any]]] = {
    "zuid-limburg": {
        "atlas": {"indikator": "NIED", "vergleich": "WMO"},
        "kommunalprofil": {"kommune": "GM0917"},
        "sozialraumprofil": {"sozialraum": "WK093500"},
        "themenreport": {"report": "armut"},
    },
    "berlin": {
        "atlas": {"indikator": "S1", "vergleich": "AB65"},
        "kommunalprofil": {"kommune": "04"},
        "sozialraumprofil": {"sozialraum": "01011101"},
        "themenreport": {"report": "kinder"},
    },
}
"""Region -> notebook -> values: in each the page with the most areas, in Berlin the indicator with the most dates."""
ARTEN = (
    "start",
    "atlas",
    "cluster",
    "varianz",
    "datenstand",
    "kommunalprofil",
    "sozialraumprofil",
    "themenreport",
)
GEDRUCKT = ("kommunalprofil", "sozialraumprofil", "themenreport")


@dataclass(frozen=True)
class Gelegt:
    """A region with its finished pages, one of each kind."""

    daten: store.Daten
    seiten: dict[str, Path]


@pytest.fixture(scope="module")
def gelegt(realdaten: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Gelegt]:
    """Build a region and write its pages, once."""
    made: dict[str, Gelegt] = {}

    def make(name: str) -> Gelegt:
        if name not in made:
            root = tmp_path_factory.mktemp(name)
            with pytest.MonkeyPatch.context() as patch:
                patch.setenv("SOZIALANALYSE_DATEN", str(datenordner(tmp_path_factory, REGIONEN / name)))
                patch.setenv("SOZIALANALYSE_REGION", str(REGIONEN / name))
                patch.setenv("SOZIALANALYSE_STATISCH", "1")
                daten = store.load(REGIONEN / name, "oeffentlich")
                kinds = [kind for kind in ARTEN if kind != "start"]
                runs = [
                    Lauf(kind, "gesamt", seite(kind).parameter(**SEITEN[name].get(kind, {})))
                    for kind in kinds
                ]
                pages = lege_alle(daten, root / "aus", runs)
            made[name] = Gelegt(daten, {key.partition("/")[0]: page for key, page in pages.items()})
        return made[name]

    return make


@pytest.mark.parametrize("region", SEITEN)
@pytest.mark.parametrize("art", ARTEN)
def test_a_page_of_each_kind_has_no_fault(gelegt: Any, oeffne: Any, region: str, art: str) -> None:
    page = oeffne(gelegt(region).seiten[art])
    assert durchsicht(page) == []
    assert page.locator(".sa-marke").count() == 0
    assert "Demodaten" not in page.content()


@pytest.mark.parametrize("region", SEITEN)
@pytest.mark.parametrize("art", GEDRUCKT)
def test_a_paper_of_each_kind_has_no_fault(gelegt: Any, region: str, art: str) -> None:
    with pikepdf.open(gelegt(region).seiten[art].with_suffix(".pdf")) as paper:
        assert maengel(paper) == []
        assert len(paper.pages) >= 2
        if art == "sozialraumprofil":
            assert len(paper.pages) == 2


def test_pages_speak_of_the_levels_of_their_region(gelegt: Any, oeffne: Any) -> None:
    for region, words in (
        ("berlin", ("Planungsräume", "Bezirke")),
        ("zuid-limburg", ("Wijken", "Gemeinden")),
    ):
        page = oeffne(gelegt(region).seiten["varianz"])
        said = page.locator("main").inner_text()
        assert all(word in said for word in words)
        assert not re.search(r"\bSozialr[aä]um(?!-Typen|profil)|\bKommunen?\b", said)


def test_areas_of_the_same_name_are_told_apart(gelegt: Any, oeffne: Any) -> None:
    """The search of the start page, the map and the choice of areas name the id beside the name."""
    found = gelegt("berlin")
    names = found.daten.gebiete()["name"]
    twice = names[names.duplicated(keep=False)]
    assert len(twice) > 1
    name = twice.iloc[0]
    ids = set(twice.index[twice == name])
    page = oeffne(found.seiten["start"])
    page.get_by_role("searchbox").fill(name)
    shown = page.locator(".sa-suche li:visible a").all_inner_texts()
    assert {f"{name} ({key})" for key in ids} <= set(shown)
    atlas = oeffne(found.seiten["atlas"])
    for key in ids:
        atlas.get_by_label("Gebiet auswählen").fill(key)
        atlas.keyboard.press("Enter")
    compared = atlas.locator(".sa-vergleich tbody th").all_text_contents()
    assert set(compared) == {f"{name} ({key})" for key in ids}


def test_the_largest_atlas_answers_keys_at_once(gelegt: Any, oeffne: Any) -> None:
    """447 areas, four dates, two indicators: arrows walk, Enter chooses, the filter narrows map and table."""
    page = oeffne(gelegt("berlin").seiten["atlas"])
    page.locator("svg.sa-karte").first.focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    assert page.locator("#werte tr.sa-an").count() == 1
    page.get_by_label("Bezirk", exact=True).select_option(label="Neukölln")
    rows = page.locator("#werte tbody tr:visible").count()
    expected = int((gelegt("berlin").daten.kommune() == "08").sum())
    assert rows in (expected, expected + 1), "those of the Bezirk, and the chosen one"
