"""Excel workbooks: cells as the sheet shows them, with percent, footnotes, merged ranges and missing results."""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable, Collection
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain
from operator import eq, ge, gt, le, lt, ne
from pathlib import Path
from typing import Any, Literal

from sozialanalyse.base import (
    Blatt,
    Formel,
    Gestrichen,
    Gezeigt,
    Muster,
    Prozent,
    Unsichtbar,
    Verborgen,
    YamlSeite,
    glatt,
    muster,
    vergleichsform,
    vorschlag,
    zahl_knapp,
    zelltext,
)
from sozialanalyse.formate.form import Dateiform, unlesbar
from sozialanalyse.formate.mappe import MEISTE_ZELLEN, Blattangabe, Mappe, zu_gross

NAME = "excel"
BEZEICHNUNG = "Excel-Arbeitsmappe"
ENDUNGEN = (".xlsx", ".xlsm")

_PLAIN = "0123456789+-=()abcdefghijklmnoprstuvwxyz"
_RAISED = str.maketrans(_PLAIN, "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ᵃᵇᶜᵈᵉᶠᵍʰⁱʲᵏˡᵐⁿᵒᵖʳˢᵗᵘᵛʷˣʸᶻ") | {ord("*"): ""}
_LOWERED = str.maketrans("0123456789+-=()", "₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎")


class Blaetter(YamlSeite):
    """Several sheets of one form."""

    muster: Muster
    """Regular expression for the names of the sheets."""
    alle: bool = False
    """Whether every sheet that fits is a table of its own."""


class Form(Dateiform):
    """Options of workbooks."""

    format: Literal["excel"] = "excel"
    blatt: Muster | Blaetter | None = None
    """Name of the sheet, or a regular expression for it; default the first visible one."""


def erkennt(anfang: bytes) -> bool:
    """Whether bytes look like a workbook of whatever age."""
    return anfang.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0"))


def lies(pfad: Path, form: Form, gesucht: Collection[str] = ()) -> list[Blatt]:
    """Read the sheets a page means.

    Raises
    ------
    PruefFehler
        If the workbook cannot be read or the sheet is not there.
    """
    book = Mappe(pfad)
    wanted = _chosen(book.blaetter, form.blatt)
    return _read(book, wanted)


def lies_alle(pfad: Path) -> list[Blatt]:
    """Read every visible sheet."""
    book = Mappe(pfad)
    return _read(book, [sheet for sheet in book.blaetter if sheet.sichtbar])


def _chosen(sheets: list[Blattangabe], blatt: str | Blaetter | None) -> list[Blattangabe]:
    """The sheet of that name, else those the pattern fits; without a name the first visible one."""
    if blatt is None:
        return [next((sheet for sheet in sheets if sheet.sichtbar), sheets[0])]
    several = isinstance(blatt, Blaetter) and blatt.alle
    pattern = blatt.muster if isinstance(blatt, Blaetter) else blatt
    fitting = [sheet for sheet in sheets if muster.passt(pattern, glatt(sheet.name))]
    named = [sheet for sheet in sheets if vergleichsform(sheet.name) == vergleichsform(pattern)]
    wanted = fitting or named if several else named or fitting
    if not wanted:
        raise unlesbar(f"Das Blatt „{pattern}“ fehlt.", vorschlag(pattern, [s.name for s in sheets]))
    if len(wanted) > 1 and not several:
        names = ", ".join(f"„{sheet.name}“" for sheet in wanted)
        raise unlesbar(
            f"Zu „{pattern}“ passen mehrere Blätter: {names}.",
            "Bitte „blatt“ genauer angeben oder mit „blatt: {muster: …, alle: true}“ alle lesen.",
        )
    return wanted


def _read(book: Mappe, wanted: list[Blattangabe]) -> list[Blatt]:
    import openpyxl  # slow to import, and only this format needs it

    extract, computed = book.auszug(wanted)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # openpyxl on features it does not keep
            values = openpyxl.load_workbook(extract, data_only=True, rich_text=True, keep_links=False)
            formulas = openpyxl.load_workbook(extract, read_only=True, keep_links=False) if computed else None
        sheets = []
        for sheet in wanted:
            cells = values[sheet.name]
            missing = (
                _without_result(formulas[sheet.name], cells, book.nie_berechnet)
                if formulas is not None and sheet.name in computed
                else {}
            )
            sheets.append(_sheet(cells, missing))
    except (MemoryError, KeyboardInterrupt):
        raise
    except Exception as error:  # whatever a damaged archive or foreign XML makes the reader stumble over
        if hasattr(error, "befunde"):
            raise
        raise unlesbar(
            "Die Arbeitsmappe ist beschädigt oder enthält etwas, das sich nicht lesen lässt.",
            "Bitte in Excel öffnen und als .xlsx neu speichern.",
        ) from None
    return sheets


def _sheet(sheet: Any, missing: dict[tuple[int, int], Formel]) -> Blatt:
    last, width = sheet.max_row or 0, sheet.max_column or 0
    if last * width > MEISTE_ZELLEN:
        raise zu_gross(last * width, sheet.title)
    rows, struck = [], _struck(sheet)
    for number, row in enumerate(sheet.iter_rows(), start=1):
        cells = [_value(cell) for cell in row]
        for column, cell in enumerate(row):
            if struck(cell):
                cells[column] = Gestrichen(zelltext(cells[column]))
        rows.append((number, cells))
    for (number, column), formula in missing.items():
        rows[number - 1][1][column - 1] = formula
    merged = {
        (row, column - 1): rows[block.min_row - 1][1][block.min_col - 1]
        for block in sheet.merged_cells.ranges
        for row in range(block.min_row, min(block.max_row, last) + 1)
        for column in range(block.min_col, min(block.max_col, width) + 1)
    }
    return Blatt(sheet.title, rows, merged, verborgen=_hidden(sheet))


def _hidden(sheet: Any) -> Verborgen:
    """Rows and columns that the sheet does not show, whether by hand or by a filter."""
    columns = (
        range(place.min - 1, place.max)
        for place in sheet.column_dimensions.values()
        if place.hidden and place.min and place.max
    )
    rows = (number for number, row in sheet.row_dimensions.items() if row.hidden)
    return Verborgen(frozenset(rows), frozenset(chain.from_iterable(columns)))


def _struck(sheet: Any) -> Callable[[Any], bool]:
    """Whether a cell is struck through, looked up once for each style; runs of rich text count if all are."""
    # asking each cell costs a quarter of the reading, so the fonts of the workbook are asked first
    fonts = any(font.strike for font in sheet.parent._fonts)
    known: dict[int, bool] = {}

    def struck(cell: Any) -> bool:
        if isinstance(cell.value, list) and all(map(_crossed, filter(_shown, cell.value))):
            return True
        if not fonts or cell.value is None:
            return False
        style = cell.style_id
        if style not in known:
            known[style] = bool(cell.font.strike)
        return known[style]

    return struck


def _shown(run: Any) -> bool:
    return bool(str(run).strip())


def _crossed(run: Any) -> bool:
    return bool(getattr(getattr(run, "font", None), "strike", False))


def _without_result(formulas: Any, values: Any, never_computed: bool) -> dict[tuple[int, int], Formel]:
    """Formulas whose result is not in the file; where nothing was ever computed, zeros are none either."""
    found: dict[tuple[int, int], Formel] = {}
    results = []
    for row in formulas.iter_rows():
        for cell in row:
            if getattr(cell, "data_type", "") != "f":
                continue
            place = (cell.row, cell.column)
            result = values.cell(*place).value
            written = cell.value if isinstance(cell.value, str) else getattr(cell.value, "text", None)
            results.append((place, result, Formel(written or "=…")))
    unborn = never_computed and all(result in (None, 0) for _, result, _ in results)
    for place, result, formula in results:
        if result is None or unborn:
            found[place] = formula
    return found


def _value(cell: Any) -> Any:
    """What a cell shows: a percent says so, what is raised above the line stays raised."""
    value = cell.value
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int | float):
        form = cell.number_format or ""
        if (shown := _instead(form, value)) is not None:
            return shown or Unsichtbar(zahl_knapp(value, 12, tausender=False))
        if word := _multiple(form, value):
            return f"{value:.12g} {word}".replace(".", ",", 1)
        factor = _percent(form, value)
        number = Prozent(f"{value * factor:.12g}") if factor else value
        return _beside(form, value, number) if _tells_more(form) else number
    if isinstance(value, list):  # rich text is a list of its runs
        return _runs(value)
    return value


def _runs(runs: list[Any]) -> str:
    """Text of several runs; footnotes and exponents become the raised signs of Unicode."""
    places = [str(getattr(getattr(run, "font", None), "vertAlign", "")) for run in runs]
    lifted: dict[str, Any] = {"superscript": _RAISED, "subscript": _LOWERED}
    plain = any(place not in lifted and str(run).strip() for run, place in zip(runs, places, strict=True))
    return "".join(
        str(run).translate(lifted.get(place, {}) if plain else {})
        for run, place in zip(runs, places, strict=True)
    )


def _instead(form: str, value: float) -> str | None:
    """What a format shows instead of a number, as "*" of a small count; None if it shows the number, or a zero."""
    if not value or not _ANDERES.search(form):
        return None
    section = _section(form, value)
    return None if section.platz else section.gezeigt.strip()


def _multiple(form: str, value: float) -> str:
    """Word such as "Tsd." that a format writes behind a number without dividing it: what is shown is more."""
    if not _VIELFACHES.search(form):
        return ""
    section = _section(form, value)
    return section.worte.strip() if _VIELFACHES.search(section.worte) and not section.geteilt else ""


@lru_cache(maxsize=1024)
def _tells_more(form: str) -> bool:
    """Whether what a format writes beside a number may change what the number says."""
    return len(_sections(form)) > 1 or any(map(_says_more, _sections(form)))


def _says_more(section: _Abschnitt) -> bool:
    return bool(_HARMLOS.sub("", section.vor) or _BEDEUTSAM.search(section.nach))


def _beside(form: str, value: float, number: float) -> Any:
    """The number with what its format writes beside it, such as "<5", "(12)" or "12*"; the number where that says nothing.

    A sign that the format adds or leaves out makes it unclear what the number is.
    """
    section = _section(form, value)
    text = zahl_knapp(abs(number), 12, tausender=False) + (" %" if isinstance(number, Prozent) else "")
    before, behind = section.vor.strip(), section.nach.strip()
    sections = _sections(form)
    if (
        value < 0
        and len(sections) > 1
        and section is sections[1]
        and not any(each.bedingung for each in sections)
    ):
        if not (section.farbe or _VORZEICHEN.match(before) or (before[:1], behind[-1:]) == ("(", ")")):
            return Gezeigt(f"{before}{text}{behind}", f"-{text}")
        return number
    if not _says_more(section) or not value:
        return number
    shown = f"{'-' if value < 0 else ''}{section.vor.lstrip()}{text}{section.nach.rstrip()}"
    if _VORZEICHEN.match(before) or re.search(r"\d$", before) or _ZIFFERN.match(section.nach):
        return Gezeigt(shown, f"{'-' if value < 0 else ''}{text}")
    return shown


def _percent(form: str, value: float) -> float:
    """What a number is multiplied by to read as the percent its format shows; 0 if it shows none."""
    if not _ANTEIL.search(form):
        return 0
    section = _section(form, value)
    return 100.0**section.zeichen if section.zeichen else float(section.text)


def _section(form: str, value: float) -> _Abschnitt:
    """The section of a format that a number is shown with."""
    sections = _sections(form)
    if any(section.bedingung for section in sections):  # [<1]0.0%;0.0"%": the first that holds, else the last
        return next((each for each in sections if each.gilt(value)), sections[-1])
    position = 0 if value > 0 else 1 if value < 0 else 2
    return sections[position if position < len(sections) else 0]


@dataclass
class _Abschnitt:
    """One section of a number format: percent signs that count, whether one is mere text, condition."""

    zeichen: int = 0
    text: bool = False
    worte: str = ""
    """What is written literally."""
    geteilt: bool = False
    """Whether the number is shown divided by thousands (a comma behind its last digit)."""
    gezeigt: str = ""
    """What is shown literally, signs that need no quotation marks among it."""
    platz: bool = False
    """Whether there is a place for the number."""
    bedingung: tuple[str, float] | None = None
    farbe: bool = False
    """Whether numbers are shown in a colour, as negative ones are in red."""
    vor: str = ""
    nach: str = ""
    """What is shown literally before and behind the number."""

    def gilt(self, value: float) -> bool:
        """Whether the condition holds; a section without one takes whatever is left."""
        return self.bedingung is None or _VERGLEICHE[self.bedingung[0]](value, self.bedingung[1])


_VIELFACHES = re.compile(
    r"\bT(?:sd|ausend)\b|\bMi(?:o|ll?ion)|\bMrd\b|\bMilliard|\bT(?=€|EUR)|‰", re.IGNORECASE
)
_HARMLOS = re.compile(r"[\s+=:;.,'Ø€$£]|\b(?:EUR|Euro|CHF|USD|Fr)\b")
"""What stands before a number without telling anything else than the number."""
_BEDEUTSAM = re.compile(r"^\s*(?:[.,' ]?\d|[-–−]\s*$)|[*<>±~†‡]|\([a-z]\)|^\s*\+\s*$|^\s*[\])]")
_ZIFFERN = re.compile(r"[.,' ]?\d(?!\d?\s*[)\]])|[-–−]\s*$")
_VORZEICHEN = re.compile(r"[-–−]|minus\b", re.IGNORECASE)
_FARBE = re.compile(r"\[(?:red|rot|blue|green|magenta|cyan|yellow|white|black|color ?\d+)\]", re.IGNORECASE)
_ANTEIL = re.compile(r"%|\bv\.?\s?H\b|\bProzent\b|\bpercent\b|\bpct\b", re.IGNORECASE)
_ANDERES = re.compile(r"[;\"\\]|^[^0#?@a-zA-Z]+$")
"""A format with sections or words may show something else than the number."""
_VERGLEICHE = {"<": lt, "<=": le, ">": gt, ">=": ge, "=": eq, "<>": ne}
_BEDINGUNG = re.compile(r"\[(<=|>=|<>|<|>|=)\s*(-?\d+(?:\.\d+)?)\]")


@lru_cache(maxsize=1024)
def _sections(form: str) -> list[_Abschnitt]:
    sections = [_Abschnitt()]
    at = 0
    while at < len(form):
        sign, here = form[at], sections[-1]
        literal = ""
        if sign == ";":
            sections.append(_Abschnitt())
        elif sign == '"':
            end = form.find('"', at + 1)
            end = len(form) if end < 0 else end
            literal = form[at + 1 : end]
            here.worte += literal
            at = end
        elif sign == "\\":
            at += 1
            literal = form[at : at + 1]
            here.worte += literal
        elif sign in "_*":  # the width of a sign, or a sign that fills the cell
            at += 1
            here.gezeigt += form[at : at + 1] if sign == "*" else ""
        elif sign == "[":
            end = form.find("]", at)
            end = len(form) if end < 0 else end
            if told := _BEDINGUNG.fullmatch(form[at : end + 1]):
                here.bedingung = told[1], float(told[2])
            here.farbe = here.farbe or _FARBE.fullmatch(form[at : end + 1]) is not None
            at = end
        elif sign == "%":
            here.zeichen += 1
            here.platz, here.nach = True, ""
        elif sign in "0#?@" or sign.isalpha():  # digits, text, parts of a date, the word General
            here.platz, here.nach = True, ""
        elif sign in "-+/():!^&'~{}<>= ":
            literal = sign
        elif sign == ",":
            here.geteilt = here.geteilt or bool(re.match(r",+(?![0#?,])", form[at:]))
        here.gezeigt += literal
        if here.platz:
            here.nach += literal
        else:
            here.vor += literal
        at += 1
    for section in sections:
        section.text = _ANTEIL.search(section.worte) is not None
    return sections
