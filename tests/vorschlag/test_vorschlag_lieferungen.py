"""Drafts of all deliveries that have a hand-written page: the shipped region always, real ones where they are."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from vergleich import Vergleich, vergleiche

from sozialanalyse import cli

ROOT = Path(__file__).parents[2]
DEMO = ROOT / "data" / "staedteregion-aachen"
SEITEN = sorted(path.stem for path in (DEMO / "indikatoren").glob("*.yml"))
WIRKLICH = [("berlin", "einwohner"), ("berlin", "mss"), ("zuid-limburg", "kerncijfers")]


def pruefe(found: Vergleich) -> None:
    assert found.von_hand > 100
    assert found.fehlend.empty, found.fehlend.head()
    assert found.anders.empty, found.anders.head()


@pytest.mark.parametrize("datensatz", SEITEN)
def test_draft_reads_what_the_page_by_hand_reads(datensatz):
    found = vergleiche(DEMO, datensatz)
    pruefe(found)
    if len(found.status):  # a sign that profiles explain differently is asked about
        assert any("sagen Verschiedenes" in question for question in found.entwurf.bestaetigen)
    files = [question for question in found.entwurf.offen if not question.startswith("quelle")]
    assert files == [], "the shipped deliveries leave nothing open but who delivers and on which terms"


def test_guide_shows_what_the_command_says(capsys):
    guide = (ROOT / "sozialanalyse" / "anleitung" / "planung.md").read_text(encoding="utf-8")
    told, page = re.findall(
        r"^```\n(.*?)^```", guide.split("## Aus einer Datei in einer Minute")[1], re.M | re.S
    )[:2]
    file = DEMO / "lieferungen" / "wohnen" / "Wohnen_2023.csv"
    assert cli.main(["vorschlag", str(file), "--region", str(DEMO)]) == 0
    shown = capsys.readouterr()
    for part in re.split(r"…|\n|\(\d\.\d s\)", told):
        assert part.strip() in shown.err
    joined = re.sub(r"\n *# ", " ", shown.out)
    for part in re.split(r"…|\n", page):
        assert part.strip().removeprefix("# ") in joined


@pytest.mark.realdaten
@pytest.mark.parametrize(("name", "datensatz"), WIRKLICH)
def test_draft_reads_real_data(name, datensatz, realdaten, monkeypatch):
    monkeypatch.setenv("SOZIALANALYSE_REALDATEN", str(realdaten))
    pruefe(vergleiche(ROOT / "tests" / "regionen" / name, datensatz))
