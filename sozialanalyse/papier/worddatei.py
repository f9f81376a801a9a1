"""A Word document: named styles, headings, tables with repeated heads, pictures with alternative texts."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from docx import Document
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor

from sozialanalyse.base import text
from sozialanalyse.papier.bloecke import Abschnitt, Bild, Block, Deckblatt, Liste, Worte, bloecke
from sozialanalyse.papier.zeichnungen import bilder

if TYPE_CHECKING:
    from docx.document import Document as Dokument
    from docx.text.paragraph import Paragraph

TINTE = RGBColor(0x1A, 0x1F, 0x2B)
BREITE_MM = 165
QUELLE, MARKE = "Quelle", "Marke"
"""Names of our own styles; the others are Word's, so that every theme of a house fits."""
DICHT_AB, DICHTER_AB = 6, 9
"""From so many columns a table is set smaller."""


def word(deckblatt: Deckblatt, abschnitte: Sequence[Abschnitt]) -> bytes:
    """Write displays as a DOCX file.

    Parameters
    ----------
    abschnitte
        In the order of the page.

    Returns
    -------
    bytes
        The same displays give the same content; only the time of writing differs.
    """
    made: Dokument = Document()
    _styles(made)
    _sheet(made, deckblatt)
    made.add_paragraph(deckblatt.titel, "Title")
    if deckblatt.marken:
        made.add_paragraph(deckblatt.marken, MARKE)
    made.add_paragraph(deckblatt.frage, "Subtitle")
    made.add_paragraph(deckblatt.angaben, QUELLE)
    parts = [(level, block) for section in abschnitte for level, block in _gegliedert(section)]
    pictures = iter(bilder([block for _, block in parts if isinstance(block, Bild)]))
    for level, block in parts:
        if isinstance(block, str):
            made.add_heading(block, level)
        elif isinstance(block, Worte):
            _words(made, block, level)
        elif isinstance(block, Bild):
            _picture(made, block, next(pictures))
        else:
            _table(made, block)
    stream = io.BytesIO()
    made.save(stream)
    return stream.getvalue()


def _gegliedert(section: Abschnitt) -> Iterator[tuple[int, Block | str]]:
    """Blocks with the level of their headings; a heading without anything below it is left out."""
    found = [block for part in section.teile for block in bloecke(part)]
    if section.titel and found:
        yield 1, section.titel
    for block in found:
        yield 2 if section.titel else 1, block


def _styles(made: Dokument) -> None:
    normal = made.styles["Normal"]
    normal.font.name, normal.font.size = "Calibri", Pt(10.5)
    normal.paragraph_format.space_after = Pt(6)
    language = normal.element.get_or_add_rPr()
    said = OxmlElement("w:lang")
    said.set(qn("w:val"), "de-DE")
    language.append(said)
    for name, size in (
        ("Title", 24),
        ("Subtitle", 13),
        ("Heading 1", 16),
        ("Heading 2", 12.5),
        ("Caption", 10.5),
    ):
        style = made.styles[name]
        style.font.size, style.font.color.rgb, style.font.name = Pt(size), TINTE, "Calibri"
        fonts = style.element.get_or_add_rPr().find(qn("w:rFonts"))
        for kind in list(fonts.attrib):
            if kind.endswith("Theme"):
                del fonts.attrib[kind]
        style.font.italic = False
        style.paragraph_format.keep_with_next = True
    for name in (QUELLE, MARKE):
        style = made.styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
        style.base_style = normal
        style.font.size = Pt(8.5 if name == QUELLE else 11)
        style.font.bold = name == MARKE


def _sheet(made: Dokument, deckblatt: Deckblatt) -> None:
    """A4 upright, mark on top of every sheet, publisher and number at its foot; properties of the file."""
    section = made.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.left_margin = section.right_margin = Mm((210 - BREITE_MM) / 2)
    section.top_margin = section.bottom_margin = Mm(22)
    context = deckblatt.kontext
    section.header.paragraphs[0].text = " · ".join(filter(None, [deckblatt.titel, deckblatt.marken]))
    foot = section.footer.paragraphs[0]
    foot.text = " · ".join(filter(None, [context.herausgeber, context.stand, text("papier.seite")])) + " "
    _number(foot)
    for one in (section.header.paragraphs[0], foot):
        one.style = made.styles[QUELLE]
    facts = made.core_properties
    facts.title, facts.author, facts.language = deckblatt.titel, context.herausgeber, "de-DE"
    facts.subject, facts.comments, facts.keywords = deckblatt.frage, deckblatt.marken, ""


def _number(paragraph: Paragraph) -> None:
    run = paragraph.add_run()
    for kind, words in (("begin", ""), ("", "PAGE"), ("end", "")):
        made = OxmlElement("w:fldChar" if kind else "w:instrText")
        if kind:
            made.set(qn("w:fldCharType"), kind)
        else:
            made.text = words
        run._r.append(made)


def _words(made: Dokument, block: Worte, level: int) -> None:
    if block.titel:
        made.add_heading(block.titel, level)
    for sentence in filter(None, block.saetze):
        made.add_paragraph(sentence, "List Bullet" if block.punkte else "Normal")


def _picture(made: Dokument, block: Bild, content: bytes) -> None:
    made.add_paragraph(block.titel, "Caption")
    holder = made.add_paragraph()
    holder.paragraph_format.keep_with_next = bool(block.fuss)
    shape: Any = holder.add_run().add_picture(io.BytesIO(content), width=Mm(BREITE_MM))
    highest = Mm(150)
    if shape.height > highest:
        shape.width, shape.height = int(shape.width * highest / shape.height), highest
    facts = shape._inline.docPr
    facts.set("descr", block.beschreibung or block.titel)
    facts.set("title", block.titel)
    if block.fuss:
        made.add_paragraph(block.fuss, QUELLE)


def _table(made: Dokument, block: Liste) -> None:
    made.add_paragraph(block.titel, "Caption")
    head, rows, numbers = block.kopf(), block.zeilen(), block.zahlen()
    table = made.add_table(len(rows) + 1, len(head), style="Table Grid")
    widths = _widths([head, *rows])
    for column, width in zip(table.columns, widths, strict=True):
        column.width = width
    size = Pt(7 if len(head) > DICHTER_AB else 8 if len(head) > DICHT_AB else 9)
    for y, line in enumerate([head, *rows]):
        cells = table.rows[y].cells
        for x, words in enumerate(line):
            cells[x].width = widths[x]
            paragraph = cells[x].paragraphs[0]
            paragraph.paragraph_format.space_after = Pt(1)
            run = paragraph.add_run(words)
            run.font.size, run.font.color.rgb, run.font.bold = size, TINTE, y == 0
            if numbers[x]:
                paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT
            if y == 0:
                _shade(cells[x])
        _row(table.rows[y]._tr, kopf=y == 0)
    table.autofit = False
    properties: Any = table._tbl.tblPr
    _thin(properties)
    for name, words in (("w:tblCaption", block.titel), ("w:tblDescription", text("papier.tafel", zeilen=len(rows), spalten=len(head)))):  # fmt: skip
        said = OxmlElement(name)
        said.set(qn("w:val"), words)
        properties.append(said)
    notes = [text("papier.zeichen", zeichen="; ".join(signs))] if (signs := block.zeichen()) else []
    made.add_paragraph(" · ".join([*notes, block.fuss]), QUELLE)


def _widths(lines: list[list[str]]) -> list[Any]:
    """Widths of the columns by what stands in them; a word is not broken if there is room."""
    columns = list(zip(*lines, strict=True))
    wanted = [
        max(
            max(len(part) for words in column for part in words.split() or [""]) + 1,
            min(max(map(len, column)), 28),
            5,
        )
        for column in columns
    ]
    return [Mm(BREITE_MM * part / sum(wanted)) for part in wanted]


def _thin(properties: Any) -> None:
    """Lines between rows only."""
    borders = OxmlElement("w:tblBorders")
    for name in ("top", "left", "bottom", "right", "insideH", "insideV"):
        line = OxmlElement(f"w:{name}")
        line.set(qn("w:val"), "single" if name in ("top", "bottom", "insideH") else "nil")
        line.set(qn("w:sz"), "4")
        line.set(qn("w:color"), "B8C0CC")
        borders.append(line)
    properties.append(borders)


def _shade(cell: Any) -> None:
    shade = OxmlElement("w:shd")
    for name, words in (("val", "clear"), ("color", "auto"), ("fill", "E8EDF3")):
        shade.set(qn(f"w:{name}"), words)
    cell._tc.get_or_add_tcPr().append(shade)


def _row(row: Any, *, kopf: bool) -> None:
    """A row stays whole; the first is repeated on every sheet and read as the head."""
    properties = row.get_or_add_trPr()
    for name in ("w:cantSplit", *(["w:tblHeader"] if kopf else [])):
        properties.append(OxmlElement(name))
