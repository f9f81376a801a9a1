"""Pages as Word documents and slides: named styles, alternative texts, nothing that the page does not show."""

from __future__ import annotations

import io

import pytest
from docx import Document
from docx.oxml.ns import qn
from pptx import Presentation

from sozialanalyse import berichte, papier, present
from sozialanalyse.base import text
from sozialanalyse.papier import zeichnungen
from sozialanalyse.papier.bloecke import Bild
from sozialanalyse.seiten.grundlage.ablauf import ablauf


@pytest.fixture(scope="module")
def seite(_vorlage, tmp_path_factory):
    """The profile of a Kommune of the tiny region, its findings made once."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SOZIALANALYSE_DATEN", str(_vorlage / "daten"))
        patch.setenv("SOZIALANALYSE_REGION", str(_vorlage / "musterland"))
        page = berichte.KommunalprofilBericht(kommune="05999008")
        page.papierdatei("pptx")
        yield page


@pytest.fixture(scope="module")
def dokument(seite):
    return Document(io.BytesIO(seite.papierdatei("docx")))


def test_headings_follow_the_notebook(seite, dokument):
    heads = [p.text for p in dokument.paragraphs if p.style.name == "Heading 1"]
    wanted = [head for head, _ in ablauf(seite.quelle(papier_ordner())) if head]
    assert [head for head in heads if head in wanted] == [head for head in wanted if head in heads]
    assert {"Die Themen", "Glossar"} <= set(heads)
    assert dokument.paragraphs[0].style.name == "Title"
    assert dokument.paragraphs[0].text == "Kommunalprofil Würselheim (Rhld.)"
    levels = [int(p.style.name[-1]) for p in dokument.paragraphs if p.style.name.startswith("Heading")]
    assert max(levels) == 2


def papier_ordner():
    from sozialanalyse.base import settings

    return settings.projektordner() / "notebooks"


def test_every_picture_has_an_alternative_text_and_every_table_a_head(dokument):
    shapes = dokument.inline_shapes
    assert len(shapes) >= 2
    assert all(len(one._inline.docPr.get("descr")) > 20 for one in shapes)
    assert dokument.tables
    for table in dokument.tables:
        assert table.rows[0]._tr.trPr.find(qn("w:tblHeader")) is not None
        assert table._tbl.tblPr.find(qn("w:tblDescription")) is not None
    styles = {p.style.name for p in dokument.paragraphs}
    assert {"Caption", "List Bullet", "Quelle"} <= styles
    assert not any("<" in p.text for p in dokument.paragraphs)


def test_mark_and_publisher_stand_on_every_sheet(seite, dokument):
    section = dokument.sections[0]
    assert seite.kontext.marke in section.header.paragraphs[0].text
    assert seite.kontext.herausgeber in section.footer.paragraphs[0].text
    assert dokument.core_properties.language == "de-DE"


def test_tables_show_signs_where_the_page_does(seite, dokument):
    """A hidden number is its sign, in the file as on the page."""
    shown = [one for _, names in ablauf(seite.quelle(papier_ordner())) for name in names
             if isinstance(seite._befunde.get(name), present.Anzeige) for one in _tafeln(seite._befunde[name])]  # fmt: skip
    assert len(shown) == len(dokument.tables)
    for tafel, table in zip(shown, dokument.tables, strict=True):
        cells = [[cell.text for cell in row.cells] for row in table.rows][1:]
        for number, column in enumerate(tafel.werte.columns):
            for line, state in zip(cells, tafel.status[column], strict=True):
                if state in present.formats.OHNE_WERT:
                    assert line[number] == present.formats.symbol(state)


def _tafeln(anzeige):
    if anzeige.teile:
        return [one for part in anzeige.teile for one in _tafeln(part)]
    whole = not anzeige.svg and anzeige.tafel is not None and len(anzeige.tafel.werte)
    return [anzeige.tafel] if whole else []


@pytest.mark.parametrize(
    "inside", ['<text x="1" y="9">a</text>', '<g font-size="9"><g><text y="9">a</text></g><g/></g>']
)
def test_words_with_a_light_edge_are_drawn_twice_however_deep_they_stand(inside):
    edge = ' paint-order="stroke" stroke="#ffffff" stroke-width="4"'
    drawing = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 20 10"><g fill="#111111"{edge}>{inside}</g><g/></svg>'
    plain = drawing.replace(' paint-order="stroke"', "")
    both = f'{inside}</g><g fill="#111111">{inside}</g><g/></svg>'
    assert zeichnungen.lesbar(drawing) == plain.replace(f"{inside}</g><g/></svg>", both)
    assert zeichnungen.bilder([Bild("", drawing, (), "", "")])[0].startswith(b"\x89PNG")


def test_slides_have_titles_sources_and_alternative_texts(seite):
    deck = Presentation(io.BytesIO(seite.papierdatei("pptx")))
    assert deck.slide_width / deck.slide_height == pytest.approx(16 / 9, rel=0.01)
    titles = [slide.shapes.title.text for slide in deck.slides]
    assert all(titles)
    assert len(titles) > 4
    pictures = [shape for slide in deck.slides for shape in slide.shapes if shape.shape_type == 13]
    assert pictures
    assert all(len(one._element.nvPicPr.cNvPr.get("descr")) > 20 for one in pictures)
    for slide in list(deck.slides)[1:]:
        words = [shape.text_frame.text for shape in slide.shapes if shape.has_text_frame]
        assert any(seite.kontext.marke in one for one in words)
        for shape in slide.shapes:
            assert shape.left >= 0
            assert shape.left + shape.width <= deck.slide_width
    assert not any("Glossar" in title for title in titles)


def test_internal_files_say_so(gebaut, monkeypatch):
    monkeypatch.setenv("SOZIALANALYSE_REGION", str(gebaut.ordner))
    page = berichte.KommunalprofilBericht(kommune="05999008", audience="intern")
    assert page._deckblatt.vermerk == text("papier.intern")
    made = papier.word(page._deckblatt, [])
    assert text("papier.intern") in Document(io.BytesIO(made)).sections[0].header.paragraphs[0].text


def test_one_call_writes_a_file(seite, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(type(seite), "papierdatei", lambda self, art: art.encode())
    assert seite.als_word().read_bytes() == b"docx"
    assert seite.als_folien(tmp_path / "x.pptx") == tmp_path / "x.pptx"
    with pytest.raises(Exception, match=r"lässt sich nicht schreiben .* Bitte einen anderen Ort angeben"):
        seite.als_word(tmp_path / "fehlt" / "x.docx")


def test_batch_gets_the_file_beside_the_workbook(seite, monkeypatch):
    monkeypatch.setenv("SOZIALANALYSE_STATISCH", "1")
    monkeypatch.setattr(type(seite), "papierdatei", lambda self, art: b"inhalt")
    assert seite.anhang().dateien["docx"] == b"inhalt"
    monkeypatch.delenv("SOZIALANALYSE_STATISCH")
    assert set(seite.anhang().dateien) == {"xlsx"}
