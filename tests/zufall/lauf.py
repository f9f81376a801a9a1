"""Runs a region at random through the whole way, in this process: check, build, every notebook, every audience."""

from __future__ import annotations

import ast
import contextlib
import io
import json
import os
import traceback
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import nbformat
from kreis import Kreis
from nbformat.v4 import new_output

from sozialanalyse import cli, seiten, store
from sozialanalyse.base import settings
from sozialanalyse.publish import einband, runs
from sozialanalyse.publish.html import ganze_seite, notebook_inhalt
from sozialanalyse.region.region import lade_region
from sozialanalyse.seiten import Lauf


@dataclass
class Seite:
    """A page as it was made, or why it was not."""

    lauf: Lauf
    html: str = ""
    fehler: str = ""
    namen: dict[str, Any] = field(default_factory=dict)
    """What the cells left behind, such as ``bericht``."""


@dataclass
class Ergebnis:
    """What a region came to."""

    kreis: Kreis
    ordner: Path
    check: str = ""
    check_code: int = 0
    build: str = ""
    build_code: int = -1
    daten: dict[str, store.Daten] = field(default_factory=dict)
    seiten: list[Seite] = field(default_factory=list)
    plaene: dict[str, list[Lauf]] = field(default_factory=dict)

    def plan(self, audience: str) -> list[Lauf]:
        """All runs for one audience; made once."""
        if audience not in self.plaene:
            self.plaene[audience] = plan(self.daten[audience], audience)
        return self.plaene[audience]


@contextlib.contextmanager
def umgebung(ordner: Path, region: Path) -> Iterator[None]:
    """Environment as the batch gives it to its kernels."""
    own = {
        "SOZIALANALYSE_DATEN": str(ordner / "daten"), "SOZIALANALYSE_REGION": str(region), "SOZIALANALYSE_STATISCH": "1",
    }  # fmt: skip
    before = {name: os.environ.get(name) for name in own}
    os.environ.update(own)
    try:
        yield
    finally:
        for name, value in before.items():
            os.environ.pop(name, None)
            if value is not None:
                os.environ[name] = value


def rufe(*words: str) -> tuple[int, str]:
    """A command of the product with everything it prints."""
    out = io.StringIO()
    try:
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(out):
            code = cli.main(list(words))
    except SystemExit as end:
        code = int(end.code or 0)
    except Exception:
        return 99, out.getvalue() + traceback.format_exc()
    return code, out.getvalue()


SCHWER = ("cluster", "varianz")
"""Notebooks whose runs take seconds: each is made for one audience only."""


def gehe(
    kreis: Kreis, ordner: Path, *, je_notebook: int = 2, alle: bool = False, knapp: bool = False
) -> Ergebnis:
    """The whole way of one region; ``je_notebook`` runs of each notebook and audience besides the overall one.

    ``knapp``: half of the notebooks, one run each for one audience, all turning with the seed; checked is every
    second region, since a build finds the same.
    """
    region = ordner / kreis.id
    kreis.schreibe(region)
    result = Ergebnis(kreis, region)
    with umgebung(ordner, region):
        if not knapp or kreis.seed % 2:
            result.check_code, result.check = rufe("check", "--region", str(region))
        result.build_code, result.build = rufe("build", "--region", str(region))
        if result.build_code:
            return result
        place = lade_region(region)
        audiences = ["oeffentlich", "intern", *(f"kommune:{key}" for key in kreis.bestaende)]
        result.daten = {audience: store.load(place, audience) for audience in audiences}
        if knapp:
            result.seiten = _knapp(result)
            return result
        for number, audience in enumerate(audiences):
            daten = result.daten[audience]
            planned = result.plan(audience)
            for lauf in auswahl(planned, kreis.seed + number, None if alle else je_notebook):
                if alle or lauf.notebook not in SCHWER or (kreis.seed + len(lauf.name)) % 2 == number % 2:
                    result.seiten.append(
                        mache(lauf, daten, einband.gesamtberichte(result.plan("oeffentlich")))
                    )
    return result


def _knapp(e: Ergebnis) -> list[Seite]:
    out = []
    seed, audiences = e.kreis.seed, list(e.daten)
    for number, notebook in enumerate(sorted(seiten.seiten())):
        if (seed + number) % 2:
            continue
        audience = audiences[(seed + number) // 2 % len(audiences)]
        planned = e.plan(audience)
        own = [lauf for lauf in planned if lauf.notebook == notebook]
        if own:
            lauf = own[0] if notebook in SCHWER else own[seed % len(own)]
            out.append(mache(lauf, e.daten[audience], einband.gesamtberichte(e.plan("oeffentlich"))))
    return out


def plan(daten: store.Daten, audience: str) -> list[Lauf]:
    """All runs of the declared pages, for one audience."""
    out = []
    project = settings.projektordner()
    for name in seiten.angeboten(project / "notebooks"):
        for lauf in seiten.laeufe(name, daten, project / "parameters"):
            values = {**lauf.parameter.model_dump(mode="json"), "audience": audience}
            with contextlib.suppress(seiten.KeineWerte):
                out.append(Lauf(lauf.notebook, lauf.name, lauf.seite.pruefe(values, daten)))
    return out


def auswahl(laeufe: list[Lauf], seed: int, je_notebook: int | None) -> list[Lauf]:
    """Some runs of each notebook: the overall one, then others that a seed picks."""
    out = []
    for notebook in sorted({lauf.notebook for lauf in laeufe}):
        own = [lauf for lauf in laeufe if lauf.notebook == notebook]
        first = [lauf for lauf in own if lauf.name == "gesamt"][:1]
        rest = [lauf for lauf in own if lauf not in first]
        if je_notebook is not None:
            wanted = 1 if notebook in SCHWER else je_notebook
            step = max(1, len(rest) // max(wanted, 1))
            rest = rest[seed % step :: step][:wanted]
        out += first + rest
    return out


@cache
def _zellen(notebook: str) -> list[tuple[str, Any, Any]]:
    """Cells of a notebook: kind, compiled statements, compiled last expression."""
    source = nbformat.read(settings.projektordner() / "notebooks" / f"{notebook}.ipynb", as_version=4)
    out: list[tuple[str, Any, Any]] = []
    for cell in source.cells:
        if cell.cell_type != "code":
            out.append((cell.cell_type, cell.source, None))
        elif "parameters" not in cell.metadata.get("tags", []):
            tree = ast.parse(cell.source)
            last = tree.body.pop() if isinstance(tree.body[-1], ast.Expr) else None
            body = compile(tree, notebook, "exec")
            out.append(
                ("code", body, compile(ast.Expression(last.value), notebook, "eval") if last else None)
            )  # type: ignore[attr-defined]
    return out


def mache(lauf: Lauf, daten: store.Daten, gesamt: set[str]) -> Seite:
    """The page of one run as the batch would write it, its cells run here; ``gesamt`` are notebooks with an overall page."""
    page = Seite(lauf)
    notebook = nbformat.v4.new_notebook()
    shown: list[Any] = []
    names: dict[str, Any] = {
        **lauf.parameter.model_dump(mode="json"),
        "display": lambda *some: shown.extend(some),
    }
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            warnings.filterwarnings("ignore", category=RuntimeWarning, module=r".*\.analyse\..*")
            for kind, body, last in _zellen(lauf.notebook):
                if kind != "code":
                    notebook.cells.append(nbformat.v4.new_markdown_cell(body))
                    continue
                shown.clear()
                exec(body, names)
                if last is not None:
                    shown.append(eval(last, names))
                cell = nbformat.v4.new_code_cell("")
                for one in shown:
                    if one is not None:
                        cell.outputs.append(new_output("display_data", data=_gezeigt(one)))
                notebook.cells.append(cell)
            frame = einband.rahmen(daten.region, daten, gesamt)
            page.namen = names
            page.html = ganze_seite(
                notebook_inhalt(notebook),
                runs.rahmen_fuer(lauf, frame, lauf.seite.titel(lauf.parameter, daten)),
            )
    except Exception:
        page.fehler = traceback.format_exc()
    return page


def _gezeigt(one: Any) -> dict[str, Any]:
    """What Jupyter would show of an object."""
    bundle = getattr(one, "_repr_mimebundle_", lambda: None)() or {}
    if hasattr(one, "_repr_html_"):
        return {"text/html": one._repr_html_(), **bundle}
    return bundle or {"text/plain": repr(one)}


def kurzer_fehler(text: str) -> str:
    """Kind of a fault: its last line and the place in the product where it arose."""
    lines = text.strip().splitlines()
    places = [line.strip() for line in lines if "sozialanalyse" in line and line.strip().startswith("File")]
    inner = [place.split("sozialanalyse/")[-1] for place in places if ".venv" not in place]
    last = next((line for line in reversed(lines) if line and not line.startswith(" ")), "")
    return json.dumps([inner[-1] if inner else "", last[:160]], ensure_ascii=False)
