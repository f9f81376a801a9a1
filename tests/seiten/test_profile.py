"""Profiles and topic reports of the shipped region: complete, marked, German, with the hand of an editor."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from html import escape, unescape
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from sozialanalyse.base.errors import ParameterFehler, PruefFehler
from sozialanalyse.berichte import KommunalprofilBericht, SozialraumprofilBericht, ThemenreportBericht
from sozialanalyse.publish import pdf
from sozialanalyse.publish.html import Rahmen, ganze_seite
from sozialanalyse.publish.uebersicht import glossar
from sozialanalyse.region import redaktion
from sozialanalyse.seiten import glossarziele
from sozialanalyse.seiten.teile.profil import Profil

MARKE = "Demodaten – frei erfunden"
NOTEBOOKS = Path(__file__).parents[2] / "notebooks"


def zellen(notebook: str) -> list[str]:
    """Methods a notebook calls, in order."""
    cells = json.loads((NOTEBOOKS / f"{notebook}.ipynb").read_text(encoding="utf-8"))["cells"]
    return [
        name for cell in cells for name in re.findall(r"^bericht\.(\w+)\(\)$", "".join(cell["source"]), re.M)
    ]


def inhalt(bericht: Profil) -> str:  # type: ignore[type-arg]
    shown = [getattr(bericht, name)() for name in zellen(bericht.notebook)]
    return "".join(_html(part) for part in shown if part is not None)


def _html(part: Any) -> str:
    """Markup of what a cell shows; files come with links of their own."""
    return str(part.html if hasattr(part, "html") else part._repr_mimebundle_()["text/html"])


def worte(html: str) -> str:
    return re.sub(r"\s+", " ", unescape(re.sub(r"<(style|svg)\b.*?</\1>|<[^>]+>", " ", html, flags=re.S)))


@pytest.fixture(scope="module")
def berichte(demo: object) -> dict[str, Profil]:  # type: ignore[type-arg]
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SOZIALANALYSE_STATISCH", "1")
        first = KommunalprofilBericht(kommune="05334020")
        return {
            "kommunalprofil": first,
            "sozialraumprofil": SozialraumprofilBericht(daten=first.daten, sozialraum="A 6"),
            "themenreport": ThemenreportBericht(daten=first.daten, report="kinder-und-familien"),
        }


@pytest.fixture(scope="module")
def seiten(berichte: dict[str, Profil]) -> dict[str, str]:  # type: ignore[type-arg]
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SOZIALANALYSE_STATISCH", "1")
        return {name: inhalt(bericht) for name, bericht in berichte.items()}


@pytest.mark.parametrize("name", ["kommunalprofil", "sozialraumprofil", "themenreport"])
def test_a_page_is_whole_german_and_marked(seiten: dict[str, str], name: str) -> None:
    page = seiten[name]
    said = worte(page)
    assert MARKE in said
    assert not re.search(r"[{}]|\bnan\b|\bNone\b", said)
    assert page.count("<h1") == 1
    levels = [int(level) for level in re.findall(r"<h([1-6])", page)]
    assert all(b <= a + 1 for a, b in pairwise(levels))
    assert "Das Wichtigste in Kürze" in said
    assert "In Einfacher Sprache" in said


@pytest.mark.parametrize("name", ["kommunalprofil", "sozialraumprofil", "themenreport"])
def test_a_page_can_be_printed(seiten: dict[str, str], name: str) -> None:
    frame = Rahmen("t", "r", "h", "s", "", MARKE, knapp=name == "sozialraumprofil")
    assert pdf.erzeuge(seiten[name], frame).startswith(b"%PDF")


def test_a_kommunalprofil_has_the_chapters_committees_expect(
    berichte: dict[str, Profil], seiten: dict[str, str]
) -> None:  # type: ignore[type-arg]
    said, report = worte(seiten["kommunalprofil"]), berichte["kommunalprofil"]
    for thema in report.daten.region.themen.values():
        assert f"{thema.name}: Fälle und Anteile" in said
    for words in ("Hinweise zum Lesen", "Die Themen im Überblick", "Typ und ähnlichstes Gebiet", "Wie gerechnet wurde",
                  "Schwerbehinderte", "Quellen und Datenstand", "Datenschutz", "Impressum", "Diese Fassung beruht"):  # fmt: skip
        assert words in said
    assert len(report._kurz("de")) == 5 + 3, "after the people three main indicators"  # type: ignore[attr-defined]
    assert 3 <= len(report._kurz("einfach")) <= 5 + 2  # type: ignore[attr-defined]


def test_words_stand_on_paper_and_in_one_glossary(
    berichte: dict[str, Profil], seiten: dict[str, str]
) -> None:  # type: ignore[type-arg]
    """A page links to the glossary, which explains every indicator; paper explains its own."""
    report = berichte["kommunalprofil"]
    meaning = escape(report.katalog.at["SOZ01", "definition"])
    assert meaning in seiten["kommunalprofil"]
    page = ganze_seite(seiten["kommunalprofil"], Rahmen("t", "r", "h", "s", wurzel="../"))
    assert meaning not in page
    assert page.count('href="../glossar.html"') == 2, "where the words stood, and in the foot"
    made = glossar(report.daten, Rahmen("t", "r", "h", "s"), ["atlas/soz01.html"])
    assert meaning in made
    assert 'href="atlas/soz01.html"' in made
    framed = Rahmen("t", "r", "h", "s", wurzel="../", woerter=glossarziele(report.daten))
    linked = re.findall(r'href="../glossar.html#(\w+)"', ganze_seite(seiten["kommunalprofil"], framed))
    assert len(linked) >= 4, "words in the notes and the method lead to their entry"
    assert len(set(linked)) == len(linked)
    assert all(f'<dt id="{place}">' in made for place in framed.woerter.values())
    assert "atlas/soz02.html" not in made, "no page, no link"
    assert all(f">{escape(name)}<" in made for name in report.daten.indikatoren()["name"])


def test_similar_areas_are_links_in_the_key_facts(seiten: dict[str, str]) -> None:
    facts = re.search(r'sa-steckbrief">.*?</table>', seiten["sozialraumprofil"], re.S)
    assert facts
    links = re.findall(r'<a href="([^"]+)">([^<]+)</a>', facts[0])
    assert len(links) >= 2
    for target, name in links:
        assert target.endswith(".html")
        assert seiten["sozialraumprofil"].count(f'href="{target}"') == 2, name


def test_the_overview_shows_region_and_kommune_above_all_areas(berichte: dict[str, Profil]) -> None:  # type: ignore[type-arg]
    table = berichte["kommunalprofil"].ueberblick().tabelle  # type: ignore[attr-defined]
    assert list(table.index) == ["05334", "05334020", "M 1", "M 2"]


def test_suppressed_cases_are_in_no_table(berichte: dict[str, Profil]) -> None:  # type: ignore[type-arg]
    report = berichte["sozialraumprofil"]
    states = report.zahlen.status.loc["A 6"]
    hidden = states.index[states == "geheim"]
    assert len(hidden)
    table = report.zahlentafel(["A 6", "05334"], list(hidden), "Test").tabelle
    assert table[["zaehler", "nenner", "wert0"]].isna().all(axis=None)


def test_topic_reports_name_places_to_look_at_in_no_ranking(berichte: dict[str, Profil]) -> None:  # type: ignore[type-arg]
    said = worte(berichte["themenreport"].aufmerksamkeit().html)  # type: ignore[attr-defined]
    places = [name for name in berichte["themenreport"].kommunen["name"] if f" {name} " in said]
    assert places == sorted(places)
    assert "nicht nach ihren Werten" in said
    assert not re.search(r"\bRang\b|Platz \d|Spitzenreiter|Schlusslicht", said)


def test_every_topic_file_names_known_indicators(berichte: dict[str, Profil]) -> None:  # type: ignore[type-arg]
    data = berichte["themenreport"].daten
    pages = redaktion.themen(data.region.ordner)
    assert set(pages) == {
        "kinder-und-familien",
        "aeltere",
        "menschen-mit-behinderung",
        "integration",
        "wohnen",
        "armut",
    }
    for page in pages.values():
        assert set(page.indikatoren) <= set(data.indikatoren().index)
        assert page.optionen
        assert page.offen
        assert page.einfach


def test_unknown_reports_and_areas_are_told(demo: object) -> None:
    with pytest.raises(ParameterFehler, match="Den Themenreport „alter“ gibt es nicht"):
        ThemenreportBericht(report="alter")
    with pytest.raises(ParameterFehler, match="Das Gebiet „A 99“ gibt es nicht"):
        SozialraumprofilBericht(sozialraum="A 99")


# --- texts of editors ---------------------------------------------------------------------------


@pytest.fixture
def mit_redaktion(
    demo: Path, tmp_path: Path, berichte: dict[str, Profil]
) -> Iterator[SozialraumprofilBericht]:  # type: ignore[type-arg]
    """A report whose region folder has a place for texts of editors."""
    report = SozialraumprofilBericht(daten=berichte["kommunalprofil"].daten, sozialraum="A 6")
    folder = tmp_path / "region"
    shutil.copytree(demo / "themen", folder / "themen")
    (folder / "redaktion").mkdir()
    report.daten.region.ordner, before = folder, report.daten.region.ordner
    yield report
    report.daten.region.ordner = before


def schreibe(report: SozialraumprofilBericht, zahlen: str, baustein: str = "bildung") -> None:
    report.__dict__.pop("_aenderungen", None)  # read once per report
    path = report.daten.region.ordner / "redaktion" / "a.yml"
    path.write_text(
        "aenderungen:\n"
        f'  - {{bericht: sozialraumprofil, ort: "A 6", baustein: {baustein}, zahlen: "{zahlen}",\n'
        '     text: "Im Sommer öffnet eine neue Kita."}\n',
        encoding="utf-8",
    )


def test_a_text_of_an_editor_replaces_the_generated_one_and_says_so(
    mit_redaktion: SozialraumprofilBericht,
) -> None:
    mit_redaktion.auffaelliges()
    print_, generated = mit_redaktion.bausteine["bildung"]
    schreibe(mit_redaktion, print_)
    said = worte(mit_redaktion.auffaelliges().html)
    assert "Im Sommer öffnet eine neue Kita." in said
    assert "Von der Redaktion geändert." in said
    assert generated not in said
    assert "Redaktion geänderte Texte: bildung" in worte(mit_redaktion.aenderungsvermerk().html)


def test_a_place_may_be_written_as_anywhere_else(mit_redaktion: SozialraumprofilBericht) -> None:
    schreibe(mit_redaktion, "00000000")
    path = mit_redaktion.daten.region.ordner / "redaktion" / "a.yml"
    path.write_text(path.read_text("utf-8").replace('"A 6"', "a6"), "utf-8")
    assert "Im Sommer öffnet eine neue Kita." in worte(mit_redaktion.auffaelliges().html)
    assert SozialraumprofilBericht(daten=mit_redaktion.daten, sozialraum="a06").ort_id == "A 6"


def test_an_editor_may_write_what_is_most_important(mit_redaktion: SozialraumprofilBericht) -> None:
    assert "Redaktion" not in mit_redaktion.kurzfassung().html
    numbers, generated = mit_redaktion.bausteine["kurz"]
    assert generated.split("\n\n") == list(mit_redaktion.kurzfassung().tabelle["satz"])
    schreibe(mit_redaktion, numbers, "kurz")
    path = mit_redaktion.daten.region.ordner / "redaktion" / "a.yml"
    path.write_text(path.read_text("utf-8").replace("Kita.", "Kita.\\n\\nDie Schule bleibt."), "utf-8")
    box = mit_redaktion.kurzfassung()
    assert list(box.tabelle["satz"]) == ["Im Sommer öffnet eine neue Kita.", "Die Schule bleibt."]
    assert "Von der Redaktion geändert." in box.html
    schreibe(mit_redaktion, "00000000", "kurz")
    assert "die Zahlen darunter haben sich seitdem geändert" in mit_redaktion.kurzfassung().html


def test_a_text_written_for_other_numbers_stays_and_is_marked(mit_redaktion: SozialraumprofilBericht) -> None:
    schreibe(mit_redaktion, "00000000")
    said = worte(mit_redaktion.auffaelliges().html)
    assert "Im Sommer öffnet eine neue Kita." in said
    assert "Von der Redaktion geändert; die Zahlen darunter haben sich seitdem geändert." in said


def test_the_fingerprint_follows_the_numbers() -> None:
    one = redaktion.fingerabdruck([1.5, float("nan"), "x"])
    assert one == redaktion.fingerabdruck([1.5000000001, float("nan"), "x"])
    assert one != redaktion.fingerabdruck([1.6, float("nan"), "x"])
    assert one != redaktion.fingerabdruck([1.5, 0.0, "x"])
    assert re.fullmatch("[0-9a-f]{8}", one)


def test_faults_in_the_files_of_editors_name_file_and_line(tmp_path: Path) -> None:
    (tmp_path / "redaktion").mkdir()
    path = tmp_path / "redaktion" / "a.yml"
    path.write_text('aenderungen:\n  - {bericht: x, baustein: b, zahlen: "zz", text: t}\n', encoding="utf-8")
    with pytest.raises(PruefFehler, match=r"a\.yml"):
        redaktion.aenderungen(tmp_path)
    entry = '{bericht: x, baustein: b, zahlen: "00000000", text: t}'
    path.write_text(f"aenderungen: [{entry}, {entry}]\n", encoding="utf-8")
    with pytest.raises(PruefFehler, match="steht zweimal da"):
        redaktion.aenderungen(tmp_path)


def test_a_change_of_an_editor_makes_the_page_anew(tmp_path: Path) -> None:
    before = redaktion.stand(tmp_path)
    (tmp_path / "redaktion").mkdir()
    (tmp_path / "redaktion" / "a.yml").write_text("aenderungen: []\n", encoding="utf-8")
    assert redaktion.stand(tmp_path) != before
