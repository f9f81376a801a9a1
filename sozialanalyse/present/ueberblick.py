"""Overview table: areas x indicators with neutral shading, wholes on top."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from sozialanalyse.base import Kontext, text
from sozialanalyse.present import formats
from sozialanalyse.present._markup import esc, fragment_id, fuss, listing, tag
from sozialanalyse.present._typen import Kennung
from sozialanalyse.present.anzeige import Anzeige
from sozialanalyse.present.tafel import Spalte, tafel
from sozialanalyse.present.theme import STUFEN


def _art(richtung: int) -> str:
    """Class of a shade: as it stands for more need above, turned for more need below, grey where nobody says."""
    return {1: "", -1: " sa-u"}.get(int(richtung), " sa-o")


def ueberblick(
    werte: pd.DataFrame,
    urteil: pd.DataFrame,
    *,
    kontext: Kontext,
    titel: str,
    spalten: Mapping[Kennung, Spalte],
    namen: Mapping[Kennung, str],
    status: pd.DataFrame,
    kopfzeilen: int = 0,
    zeile: str = "",
    verweise: Mapping[Kennung, str] | None = None,
    richtung: Mapping[Kennung, int] | None = None,
    id: str | None = None,
) -> Anzeige:
    """Numbers of all areas, shaded by their distance from the region.

    Parameters
    ----------
    werte, urteil, status
        Rows x indicators: number, its judgement (one of :data:`STUFEN` or another word, which
        stays unshaded), why it is missing.
    kopfzeilen
        So many first rows are wholes (region, municipality): bold and unshaded.
    zeile
        What a row is; a small area unless told otherwise.
    verweise
        Row -> address of its own page.
    richtung
        Indicator -> 1 where a higher value means more need, -1 where a lower one does; of others the shade is grey.
    """
    name = id or fragment_id("ueberblick", titel, kontext.stichtag, *spalten, len(werte))
    head = tag("th", esc(zeile or kontext.sozialraum.einzahl), scope="col")
    head += "".join(
        tag(
            "th",
            esc(column.label),
            tag("span", esc(column.einheit), klasse="sa-einheit") if column.einheit else "",
            scope="col",
            klasse="sa-zahl",
        )
        for column in spalten.values()
    )
    lines, used = [], set()
    sides = dict(richtung or {})
    for position, key in enumerate(werte.index):
        words = esc(namen[key])
        if verweise and key in verweise:
            words = tag("a", words, href=verweise[key])
        cells = [tag("th", words, scope="row")]
        for column, spec in spalten.items():
            state = str(status.at[key, column])
            used.add(state)
            shown = formats.wert(werte.at[key, column], "", spec.nachkommastellen or 0, state)  # type: ignore[arg-type]
            step = urteil.at[key, column] if position >= kopfzeilen and column in urteil else ""
            shade = f" sa-s{STUFEN.index(step) + 1}{_art(sides.get(column, 0))}" if step in STUFEN else ""
            gap = state if state in formats.SYMBOLE else None
            said = tag("span", esc(formats.status_wort(state))) if gap else ""
            body = tag("i", esc(shown), aria_hidden="true") + said if said else esc(shown)
            cells.append(tag("td", body, klasse=f"sa-zahl{shade}", data_s=gap))
        lines.append(tag("tr", *cells, klasse="sa-gesamt" if position < kopfzeilen else None))
    mark = " " + tag("span", esc(kontext.marke), klasse="sa-marke") if kontext.marke else ""
    caption = tag("caption", tag("span", tag("strong", esc(titel)), mark))
    table = tag(
        "table", caption, tag("thead", tag("tr", head)), tag("tbody", *lines), klasse="sa-tabelle sa-dicht"
    )
    region = tag(
        "div",
        table,
        klasse="sa-rolle",
        role="group",
        tabindex="0",
        aria_label=text("present.tabelle.bereich", titel=titel),
    )
    steps = [text(f"present.stufe.{step}") for step in STUFEN]
    steps[0] = text("present.stufe.erste", stufe=steps[0], region=kontext.region_ebene.ort)
    legend = listing(
        (
            tag("span", klasse=f"sa-farbfeld sa-s{i} sa-o", aria_hidden="true") + tag("span", esc(words))
            for i, words in enumerate(steps, start=1)
        ),
        "sa-legende",
    )
    signs = formats.zeichenerklaerung(used & set(formats.SYMBOLE))
    note = "; ".join(f"{sign} = {meaning}" for sign, meaning in signs)
    html = tag(
        "div",
        region,
        legend,
        tag("p", esc(text("present.ueberblick.farben")), klasse="sa-zeichen"),
        tag("p", esc(text("present.tabelle.zeichen", zeichen=note)), klasse="sa-zeichen") if note else "",
        fuss(kontext.fusszeile, kontext.ueberall),
        klasse="sa sa-tafel",
        id=name,
    )
    by_name = pd.Index([str(namen[key]) for key in werte.index], name="name")
    found = tafel(
        werte[list(spalten)].set_axis(by_name),
        titel=titel,
        kontext=kontext,
        spalten={"name": Spalte(zeile or kontext.sozialraum.einzahl), **spalten},
        status=status[list(spalten)].set_axis(by_name),
    )
    return Anzeige(titel=titel, html=html, tabelle=werte.mask(status.isin(formats.OHNE_WERT)), tafel=found)
