"""Finished pages without a kernel: a notebook's cells run here, its results in the frame of the seiten."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import nbformat

from sozialanalyse import store
from sozialanalyse.betrieb import seiten
from sozialanalyse.parameters import Lauf, modell
from sozialanalyse.publish import arbeit, pdf, runs
from sozialanalyse.publish.ablage import Ablage
from sozialanalyse.publish.html import notebook_inhalt, seite

NOTEBOOKS = Path(__file__).parents[1] / "notebooks"


def fuehre_aus(notebook: str, werte: dict[str, Any]) -> nbformat.NotebookNode:
    """Run a notebook in this process; parameters replace those of its cell."""
    book = nbformat.read(NOTEBOOKS / f"{notebook}.ipynb", as_version=4)
    names: dict[str, Any] = {}
    for cell in book.cells:
        if cell.cell_type != "code":
            continue
        if "parameters" in cell.metadata.get("tags", []):
            exec(cell.source, names)
            names.update(werte)
            continue
        names["display"] = lambda *shown, cell=cell: cell.outputs.extend(map(_ausgabe, shown))
        *lines, last = ast.parse(cell.source).body
        if not isinstance(last, ast.Expr):
            lines, last = [*lines, last], ast.Expr(ast.Constant(None))
        exec(compile(ast.Module(lines, []), notebook, "exec"), names)
        shown = eval(compile(ast.Expression(last.value), notebook, "eval"), names)
        if shown is not None:
            cell.outputs.append(_ausgabe(shown))
    return book


def _ausgabe(shown: Any) -> nbformat.NotebookNode:
    bundle = getattr(shown, "_repr_mimebundle_", None)
    data = {"text/html": shown._repr_html_()} if hasattr(shown, "_repr_html_") else {}
    data |= (bundle() if bundle else None) or {}
    return nbformat.v4.new_output("display_data", data=data)


def lege_seite(
    daten: store.Daten,
    ausgabe: Path,
    notebook: str,
    name: str = "gesamt",
    *,
    papier: bool = False,
    **werte: Any,
) -> Path:
    """Write one page with its files as the batch does, its PDF only if asked for; returns the page."""
    place = Ablage(ausgabe)
    seiten.lege_beilagen(place.unter("oeffentlich"))
    lauf = Lauf(notebook, name, modell(notebook)(**werte))
    book = fuehre_aus(notebook, werte)
    for ending, content in arbeit.beigaben(book).items():
        place.schreibe(f"{runs.platz(lauf)}{ending}", content)
    frame = runs.rahmen_fuer(lauf, seiten.rahmen(daten.region, daten), notebook)
    content = notebook_inhalt(book).replace(f'href="{arbeit.PLATZHALTER}.', f'href="{name}.')
    place.schreibe(f"{runs.platz(lauf)}.html", seite(content, frame))
    if papier and lauf.parameter.pdf:
        place.schreibe(f"{runs.platz(lauf)}.pdf", pdf.erzeuge(content, frame))
    return ausgabe / f"{runs.platz(lauf)}.html"


def lege_alle(daten: store.Daten, ausgabe: Path, seiten: Sequence[Lauf]) -> dict[str, Path]:
    """Write pages with their files and PDFs, and the start page above them; returns them by notebook/name."""
    pages = {
        lauf.schluessel: lege_seite(
            daten,
            ausgabe,
            lauf.notebook,
            lauf.name,
            papier=True,
            **lauf.parameter.model_dump(exclude_defaults=True),
        )
        for lauf in seiten
    }
    return {**pages, "start": lege_startseite(daten, ausgabe, seiten)}


def lege_startseite(daten: store.Daten, ausgabe: Path, laeufe: Sequence[str | Lauf]) -> Path:
    """Write the composed start page over reports that lie in the folder, the overall ones by name; returns it."""
    place = Ablage(ausgabe).unter("oeffentlich")
    place.schreibe("index/gesamt.ipynb", nbformat.writes(fuehre_aus("index", {})))
    made = [one if isinstance(one, Lauf) else Lauf(one, "gesamt", modell(one)()) for one in laeufe]
    seiten.schreibe_uebersicht(place, daten.region, daten, made)
    return ausgabe / "oeffentlich" / "index.html"
