"""What holds for every public function: mark, escaping, secrecy, well-formed and self-contained markup."""

import re
import xml.etree.ElementTree as ET
from html.parser import HTMLParser

import pandas as pd
import pytest
from present_kreis import BOESE, MARKE, MIT_MARKE, alle, csv_datei, kontext_mit, sichtbar

from sozialanalyse import present
from sozialanalyse.present import Anzeige

VOID = {"br", "hr", "img", "input", "link", "meta"}
ZEICHNUNGEN = (
    "typenkarte", "choropleth", "anteile", "streifen", "verlauf", "profil", "vorkommen", "sicherheit",
    "lage", "bruecke", "stapel",
    "rangfolge", "zeitreihe", "streuung", "symbolkarte", "zweifach", "kleine_vielfache", "kachelkarte",
)  # fmt: skip


class Leser(HTMLParser):
    """Collects elements and checks that they are closed in order."""

    def __init__(self, fragment: str) -> None:
        super().__init__()
        self.offen: list[str] = []
        self.elemente: list[tuple[str, dict[str, str | None]]] = []
        self.feed(fragment)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.elemente.append((tag, dict(attrs)))
        assert len(attrs) == len(dict(attrs)), f"attribute twice in <{tag}>"
        if tag not in VOID or (
            self.get_starttag_text().endswith("/>") is False and tag in {"path", "rect", "circle"}
        ):
            self.offen.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.elemente.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self.offen.pop() == tag


@pytest.fixture(scope="module")
def boese() -> dict[str, Anzeige]:
    return alle(kontext_mit(herausgeber=BOESE, region=BOESE, quellen=(BOESE,)), schlecht=True)


def test_every_public_display_function_is_looked_at_here(galerie):
    helpers = {"Anzeige", "Einstufung", "Eingabefeld", "Kennzahl", "Klassen", "Spalte", "Linie", "Streifen", "Tafel", "Treffer", "Typkarte", "Verweis", "arbeitsmappe",
               "csv", "einstufen", "einteilen", "stylesheet", "tafel", "formats", "theme", "typname", "woertlich", "BLICK"}  # fmt: skip
    assert set(present.__all__) - helpers == {name.removesuffix("_lab") for name in galerie} - {"einfach"}


@pytest.mark.parametrize("name", MIT_MARKE)
def test_no_output_escapes_the_mark(name, galerie):
    found = galerie[name]
    assert MARKE in found.html
    if found.tafel is not None:
        head, *rows = csv_datei(found).splitlines()
        assert head.endswith("Hinweis")
        assert rows
        assert all(MARKE in row for row in rows)
    for caption in re.findall(r"<caption>.*?</caption>", found.html):
        assert MARKE in caption
    if found.svg:
        drawn = [node.text for node in ET.fromstring(found.svg).iter() if node.tag.endswith("}text")]
        assert drawn.count(MARKE) == 1


def test_real_values_bear_no_mark():
    for found in alle(kontext_mit(marke="")).values():
        assert MARKE not in sichtbar(found.html)


def test_suppressed_number_is_in_no_part(galerie):
    for found in galerie.values():
        files = csv_datei(found) + csv_datei(found, technisch=True)
        everything = sichtbar(found.html) + found.svg + found.beschreibung + found.tabelle.to_csv() + files
        plain = re.sub(r"\bd=\"[^\"]*\"|base64,[A-Za-z0-9+/=]*", "", everything)
        assert not re.search(r"98[.,]?765", plain)


def test_markup_in_data_stays_text(boese):
    for found in boese.values():
        elements = Leser(found.html).elemente
        assert not [tag for tag, _ in elements if tag in {"script", "b"}]
        assert not [key for _, attrs in elements for key in attrs if key.startswith("on") or key == "style"]
        for page in (attrs["srcdoc"] for tag, attrs in elements if tag == "iframe"):
            inside = [tag for tag, _ in Leser(page.removeprefix("<!doctype html>")).elemente]
            assert inside.count("script") == 2
            assert "b" not in inside


@pytest.mark.parametrize("kind", ["galerie", "boese"])
def test_markup_is_well_formed(kind, request):
    for found in request.getfixturevalue(kind).values():
        assert Leser(found.html).offen == []
        if found.svg:
            ET.fromstring(found.svg)


def test_fragment_stands_alone(galerie):
    for found in galerie.values():
        for tag, attrs in Leser(found.html).elemente:
            assert tag not in {"script", "link", "img", "object", "embed"}
            for key in ("src", "href", "action"):
                value = attrs.get(key) or ""
                assert not re.match(r"(https?:)?//", value)
            assert not re.search(r"url\((?!#)", " ".join(str(v) for k, v in attrs.items() if k != "srcdoc"))


def test_ids_are_unique_and_references_resolve(galerie):
    for found in galerie.values():
        elements = Leser(found.html).elemente
        ids = [attrs["id"] for _, attrs in elements if "id" in attrs]
        assert len(ids) == len(set(ids))
        for _, attrs in elements:
            wanted = [attrs.get(key) for key in ("aria-labelledby", "aria-describedby", "for")]
            wanted += re.findall(r"url\(#([^)]*)\)", str(attrs.get("fill", "")))
            assert {key for key in wanted if key} <= set(ids)


def test_ids_do_not_clash_on_one_page(galerie):
    page = "".join(found.html for found in galerie.values())
    ids = [attrs["id"] for _, attrs in Leser(page).elemente if "id" in attrs]
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("name", ZEICHNUNGEN)
def test_drawings_have_title_description_and_table(name, galerie):
    found = galerie[name]
    root = ET.fromstring(found.svg)
    title, desc = list(root)[:2]
    assert root.get("role") == "img"
    assert root.get("aria-labelledby") == title.get("id")
    assert root.get("aria-describedby") == desc.get("id")
    assert title.text
    assert found.beschreibung in desc.text
    assert "<table" in found.html
    assert "<summary>" in found.html
    assert isinstance(found.tabelle, pd.DataFrame)
    assert len(found.tabelle)


def test_results_repeat_and_show_themselves(galerie):
    for name, again in alle(kontext_mit()).items():
        assert again.html == galerie[name].html == galerie[name]._repr_html_()
        assert "<" not in repr(again)
