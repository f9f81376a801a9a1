"""Slides: one finding each, its message as the title, pictures with alternative texts, tables that can be edited."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from typing import Any

from pptx import Presentation
from pptx.enum.text import PP_ALIGN
from pptx.util import Emu, Inches, Pt

from sozialanalyse.base import text
from sozialanalyse.papier.bloecke import Abschnitt, Bild, Block, Deckblatt, Liste, Worte, bloecke
from sozialanalyse.papier.zeichnungen import bilder, masse

BREITE, HOEHE = Inches(13.333), Inches(7.5)
RAND, OBEN, UNTEN = Inches(0.6), Inches(1.55), Inches(6.85)
MITTE = Inches(6.6)
TITEL, PUNKTE, NUR_TITEL = 0, 1, 5
"""Layouts of the template."""
JE_FOLIE = 900
"""So many letters stand on a slide."""
MEISTE_ZEILEN, MEISTE_SPALTEN = 14, 8
"""Larger tables are no finding; they stand on the page and in its workbook."""


def folien(deckblatt: Deckblatt, abschnitte: Sequence[Abschnitt]) -> bytes:
    """Write displays as a PPTX file, one finding per slide.

    Returns
    -------
    bytes
        Slides of 16:9 with the layouts of the template, so that a house can put its own under them.
    """
    made: Any = Presentation()
    _wide(made)
    first = made.slides.add_slide(made.slide_layouts[TITEL])
    first.shapes.title.text = deckblatt.titel
    first.placeholders[1].text = "\n".join(filter(None, [deckblatt.frage, deckblatt.angaben, deckblatt.marken]))  # fmt: skip
    for paragraph in first.placeholders[1].text_frame.paragraphs:
        paragraph.font.size = Pt(18)
    parts = [part for section in abschnitte for part in _gepaart(list(_einzeln(section)))]
    pictures = iter(bilder([block for _, *blocks in parts for block in blocks if isinstance(block, Bild)]))
    for number, (title, *blocks) in enumerate(parts, start=2):
        both = len(blocks) == 2
        slide = made.slides.add_slide(
            made.slide_layouts[PUNKTE if isinstance(blocks[0], Worte) else NUR_TITEL]
        )
        _title(slide, title)
        for block in blocks:
            if isinstance(block, Worte):
                _words(slide, block, MITTE if both else BREITE - RAND)
            elif isinstance(block, Bild):
                _picture(slide, block, next(pictures), MITTE if both else RAND)
            else:
                _table(slide, block)
        foot = "" if isinstance(blocks[-1], Worte) else blocks[-1].fuss
        _foot(
            slide, " · ".join(filter(None, [foot or deckblatt.kontext.fusszeile, deckblatt.vermerk])), number
        )
    facts, context = made.core_properties, deckblatt.kontext
    facts.title, facts.author, facts.language = deckblatt.titel, context.herausgeber, "de-DE"
    facts.subject, facts.comments = deckblatt.frage, deckblatt.marken
    stream = io.BytesIO()
    made.save(stream)
    return stream.getvalue()


def _einzeln(section: Abschnitt) -> Iterator[tuple[str, Block]]:
    """Title and content of each slide."""
    for block in (block for part in section.teile for block in bloecke(part)):
        title = block.titel or section.titel
        if isinstance(block, Liste):
            if len(block.tafel.werte) <= MEISTE_ZEILEN and len(block.tafel.spalten) <= MEISTE_SPALTEN:
                yield title, block
        elif isinstance(block, Worte):
            yield from ((title, part) for part in _geteilt(block))
        else:
            yield title, block


def _gepaart(slides: list[tuple[str, Block]]) -> Iterator[tuple[Any, ...]]:
    """Words with a heading of their own and the high picture that follows them share a slide."""
    taken = False
    for place, (title, block) in enumerate(slides):
        if taken:
            taken = False
            continue
        follower = slides[place + 1][1] if place + 1 < len(slides) else None
        if isinstance(block, Worte) and block.titel and isinstance(follower, Bild) and _hoch(follower):
            taken = True
            yield title, Worte(block.titel, (*block.saetze, follower.titel), block.punkte), follower
        else:
            yield title, block


def _hoch(one: Bild) -> bool:
    width, height = masse(one.svg)
    return height > 0.9 * width


def _geteilt(block: Worte) -> Iterator[Worte]:
    """As many points as a slide holds at a time."""
    taken: list[str] = []
    for sentence in filter(None, block.saetze):
        if taken and sum(map(len, taken)) + len(sentence) > JE_FOLIE:
            yield Worte(block.titel, tuple(taken), block.punkte)
            taken = []
        taken.append(sentence)
    if taken:
        yield Worte(block.titel, tuple(taken), block.punkte)


def _wide(made: Any) -> None:
    """The template at 16:9: what it places is placed across the whole width."""
    share = BREITE / made.slide_width
    made.slide_width, made.slide_height = BREITE, HOEHE
    for holder in (made.slide_master, *made.slide_layouts):
        for shape in holder.placeholders:
            if shape._element.spPr.xfrm is not None:
                shape.left, shape.width = Emu(int(shape.left * share)), Emu(int(shape.width * share))


def _title(slide: Any, words: str) -> None:
    title = slide.shapes.title
    title.left, title.top, title.width, title.height = RAND, Inches(0.35), BREITE - 2 * RAND, Inches(1.1)
    title.text = words
    paragraph = title.text_frame.paragraphs[0]
    paragraph.alignment = PP_ALIGN.LEFT
    paragraph.font.size, paragraph.font.bold = Pt(26 if len(words) <= 90 else 22), True


def _words(slide: Any, block: Worte, bis: int) -> None:
    holder = slide.placeholders[1]
    holder.left, holder.top, holder.width, holder.height = RAND, OBEN, bis - RAND, UNTEN - OBEN
    frame = holder.text_frame
    for place, sentence in enumerate(block.saetze):
        paragraph = frame.paragraphs[0] if place == 0 else frame.add_paragraph()
        paragraph.text = sentence
        paragraph.font.size, paragraph.space_after = Pt(18), Pt(8)


def _picture(slide: Any, block: Bild, content: bytes, ab: int) -> None:
    shape = slide.shapes.add_picture(io.BytesIO(content), ab, OBEN)
    room = BREITE - RAND - ab
    share = min(room / shape.width, (UNTEN - OBEN) / shape.height)
    shape.width, shape.height = int(shape.width * share), int(shape.height * share)
    shape.left = int(ab + (room - shape.width) / 2)
    facts: Any = shape._element.nvPicPr.cNvPr
    facts.set("descr", block.beschreibung or block.titel)
    facts.set("title", block.titel)


def _table(slide: Any, block: Liste) -> None:
    head, rows, numbers = block.kopf(), block.zeilen(), block.zahlen()
    size = Pt(12 if len(head) <= 6 else 10)
    shape = slide.shapes.add_table(len(rows) + 1, len(head), RAND, OBEN, BREITE - 2 * RAND, Inches(0.3) * (len(rows) + 1))  # fmt: skip
    shape._element.nvGraphicFramePr.cNvPr.set("descr", text("papier.tafel", zeilen=len(rows), spalten=len(head)))  # fmt: skip
    for y, line in enumerate([head, *rows]):
        for x, words in enumerate(line):
            cell = shape.table.cell(y, x)
            cell.text = words
            cell.margin_top = cell.margin_bottom = Pt(2)
            paragraph = cell.text_frame.paragraphs[0]
            paragraph.font.size = size
            if numbers[x]:
                paragraph.alignment = PP_ALIGN.RIGHT


def _foot(slide: Any, words: str, number: int) -> None:
    box = slide.shapes.add_textbox(RAND, Inches(6.95), BREITE - 2 * RAND, Inches(0.4))
    box.text_frame.word_wrap = True
    box.text_frame.text = f"{words} · {number}"
    box.text_frame.paragraphs[0].font.size = Pt(10)
