"""What must hold for every region: each rule returns what breaks it, in a few words."""

from __future__ import annotations

import html
import re
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import PurePosixPath

import pandas as pd
from lauf import Ergebnis, Seite, kurzer_fehler

from sozialanalyse.publish import runs

ENGLISCH = re.compile(
    r"\b(nan|NaN|None|NaT|inf|Infinity|undefined|True|False|Traceback|Timestamp|dtype|Warning|Error|Exception|"
    r"the|and|with|from|missing|value(?!\[\d)|values|area|areas|row|rows|column|must|not|given|found|unknown|error|sheet)\b|<NA>|\[\]"
)
"""Words of the program or of English, none of which a reader may meet; names of the generator hold none of them."""
EINS_MEHRZAHL = re.compile(
    r"(?<![\d.,–−-])(?<!von )\b1 (?:Indikatoren|Datensätze|Merkmale|Merkmalen|Gebiete|Gebieten|Typen|Zeilen|Werte|Werten|Monate|Monaten|Seiten|Stichtage|Stichtagen)\b"
)
ZAHL = re.compile(r"[−-]?\d[\d.]*(?:,\d+)?")


def pruefe(ergebnis: Ergebnis) -> list[str]:
    """All broken rules of a region."""
    return [broken for rule in REGELN for broken in rule(ergebnis)]


def befehle(e: Ergebnis) -> Iterator[str]:
    """A region without faults is checked and built without a fault, in German."""
    for name, code, said in (("check", e.check_code, e.check), ("build", e.build_code, e.build)):
        if code:
            lines = [line for line in said.splitlines() if line.startswith(("Fehler", "Unerwartet"))]
            what = kurzer_fehler(said) if "Traceback" in said else " / ".join(lines[:2])[:300]
            yield f"{name} endet mit {code}: {what or said[-300:]}"
        elif found := ENGLISCH.search(_ohne_namen(said, e)):
            yield f"{name} spricht nicht deutsch: {said[max(0, found.start() - 80) : found.end() + 40]!r}"


def zahlen(e: Ergebnis) -> Iterator[str]:
    """Every loaded number is the drawn one, every gap has the drawn reason."""
    if not e.daten:
        return
    loaded = e.daten["intern"]._merkmale
    loaded = loaded[loaded["gebiet_id"].isin(e.kreis.gebiete.index)].astype(
        {"gebiet_id": str, "feld": str, "status": str}
    )
    keys = ["gebiet", "feld", "stichtag"]
    got = (
        loaded.rename(columns={"gebiet_id": "gebiet"}).set_index(keys)[["wert", "status"]].add_suffix("_ist")
    )
    truth = e.kreis.wahrheit.set_index(keys)[["wert", "status"]].replace({"status": {"null_exakt": "wert"}})
    both = truth.join(got, how="outer")
    wrong = ~(both["wert"].eq(both["wert_ist"]) | (both["wert"].isna() & both["wert_ist"].isna()))
    wrong |= both["status"] != both["status_ist"]
    for key, row in both[wrong].head(2).iterrows():
        yield f"geladen ist bei {key}: {row['wert_ist']} ({row['status_ist']}), geliefert {row['wert']} ({row['status']}); {int(wrong.sum())} Fälle"


def geheim(e: Ergebnis) -> Iterator[str]:
    """What is hidden stays hidden: delivered secrets everywhere, small counts for everybody but ``intern``."""
    k = e.kreis
    least = {f"{s.id}.{m.feld}": s.mindestfallzahl for s in k.stellen for m in s.merkmale if m.art != "wert"}
    names = {f"{s.id}.{m.feld}": m.indikator for s in k.stellen for m in s.merkmale}
    truth = k.wahrheit.assign(
        indikator=k.wahrheit["feld"].map(names), least=k.wahrheit["feld"].map(least).fillna(0)
    )
    for audience, daten in e.daten.items():
        shown = daten.werte().set_index(["gebiet_id", "indikator_id", "stichtag"])["wert"]
        small = truth["wert"].between(1, truth["least"] - 1) & (audience != "intern")
        secret = truth[(truth["status"] == "geheim") | small].set_index(["gebiet", "indikator", "stichtag"])
        open_ = shown.reindex(secret.index).dropna()
        for key, value in open_.head(1).items():
            yield f"{audience}: {key} zeigt {value}, ist aber geheim"


def seiten(e: Ergebnis) -> Iterator[str]:
    """Every page is made."""
    for page in e.seiten:
        if page.fehler:
            yield f"{page.lauf.notebook} ({page.lauf.parameter.audience}): {kurzer_fehler(page.fehler)}"


def deutsch(e: Ergebnis) -> Iterator[str]:
    """No word of English or of the program on any page, no "1 Indikatoren", no "in der Kreis"."""
    wrong = [
        rf"in der {re.escape(word)}\b" if genus != "f" else rf"\bim {re.escape(word)}\b"
        for word, _, _, genus in e.kreis.worte.values()
    ]
    for page in _gemacht(e):
        words = _ohne_namen(_text(page.html), e)
        faults = (ENGLISCH, EINS_MEHRZAHL, re.compile("|".join(wrong)))
        for found in filter(None, (fault.search(words) for fault in faults)):
            yield f"{page.lauf.schluessel}: {words[max(0, found.start() - 60) : found.end() + 40]!r}"


def umfang(e: Ergebnis) -> Iterator[str]:
    """Pages and drawings stay within the size a browser and a reader bear."""
    areas = len(e.kreis.gebiete)
    for page in _gemacht(e):
        if len(page.html) > 400_000 + 4_500 * areas:
            yield f"{page.lauf.schluessel}: {len(page.html) // 1000} kB bei {areas} Gebieten"
        heights = [float(h) for h in re.findall(r'viewBox="[-\d.]+ [-\d.]+ [\d.]+ ([\d.]+)"', page.html)]
        if heights and max(heights) > 2_500 + 30 * areas:
            yield f"{page.lauf.schluessel}: eine Zeichnung ist {max(heights):.0f} hoch bei {areas} Gebieten"


def behauptungen(e: Ergebnis) -> Iterator[str]:
    """Nothing is claimed that the data cannot carry."""
    k = e.kreis
    dative = k.worte["kommune"][2]
    one = rf"\d\s?(%|Prozent)[^.<]{{0,80}} zwischen den {dative}|in den anderen {dative}|quer zu den {dative}"
    border = "springen die Werte (stärker|erkennbar)|Morans I|Karte ohne Grenzen ergäbe|beliebig gezogen"
    for page in _gemacht(e):
        said = _text(page.html)
        if k.formen is None and (found := re.search(border, said)):
            yield f"{page.lauf.schluessel}: Aussage über Grenzen ohne Umrisse: {_um(said, found)}"
        if k.formen is None and ' class="sa-karte' in page.html:
            yield f"{page.lauf.schluessel}: Karte ohne Umrisse"
        if len(k.kommunen) == 1 and (found := re.search(rf"Gebiet in (den )?anderen {dative}", said)):
            yield f"{page.lauf.schluessel}: Nachbar in anderen Kommunen, wo es nur eine gibt: {_um(said, found)}"
        if len(k.kommunen) == 1 and page.lauf.notebook in ("index", "varianz", "cluster"):
            for block in _kurz(page):
                if found := re.search(one, block):
                    yield f"{page.lauf.schluessel}: Vergleich mit einer Kommune: {_um(block, found)}"
        if page.lauf.notebook == "atlas":
            values = _werte(e, page)
            for block in _kurz(page) if values.nunique() < 2 else ():
                if found := re.search(r"[Aa]m (höchsten|niedrigsten)|[Hh]öchste|[Nn]iedrigste", block):
                    yield f"{page.lauf.schluessel}: Superlativ über {values.nunique()} Werte: {_um(block, found)}"


def tafeln(e: Ergebnis) -> Iterator[str]:
    """Every percentage or value in the sentences on top stands in a table of the page."""
    for page in _gemacht(e):
        if page.lauf.notebook != "atlas":
            continue
        listed = set(
            ZAHL.findall(" ".join(_text(part) for part in re.findall(r"<td.*?</td>", page.html, re.S)))
        )
        values = _werte(e, page)
        for block in _kurz(page):
            for sentence in re.split(r"(?<=[.]) (?=[A-ZÄÖÜ])", block):
                if "am höchsten" in sentence.lower() or "höchste" in sentence.lower():
                    unit = next(m.einheit for m in e.kreis.merkmale if m.indikator == _indikator(page))
                    for number in re.findall(rf"({ZAHL.pattern})\s{re.escape(unit)}", sentence):
                        if number not in listed and values.notna().any():
                            yield f"{page.lauf.schluessel}: {number} {unit} steht im Satz, aber in keiner Tabelle"


def verweise(e: Ergebnis) -> Iterator[str]:
    """Links lead to pages that are made; ids are unique and anchors have their place."""
    for audience in e.daten:
        own = [page for page in _gemacht(e) if page.lauf.parameter.audience == audience]
        known = (
            [lauf for whom in dict.fromkeys(("oeffentlich", audience)) for lauf in e.plan(whom)]
            if own
            else []
        )
        there = {f"{runs.platz(lauf)}.html" for lauf in known}
        for page in own:
            here = PurePosixPath(runs.platz(page.lauf)).parent
            ids = re.findall(r'\sid="([^"]+)"', page.html)
            twice = [name for name, n in Counter(ids).items() if n > 1]
            if twice:
                yield f"{page.lauf.schluessel}: id „{twice[0]}“ steht mehrmals"
            for target in dict.fromkeys(re.findall(r'<a[^>]*?\shref="([^"]+)"', page.html)):
                link = html.unescape(target)
                if link.startswith("#") and link[1:] not in ids and link != "#":
                    yield f"{page.lauf.schluessel}: Anker {link} gibt es nicht"
                path = link.partition("#")[0].partition("?")[0]
                if path.endswith(".html") and not path.startswith("/"):
                    whole = _zusammen(here, path)
                    if whole not in there and whole.rpartition("/")[2] not in (
                        "index.html",
                        "glossar.html",
                        "rechtliches.html",
                    ):
                        yield f"{page.lauf.schluessel}: Verweis auf {whole}, die nicht entsteht"


def _zusammen(here: PurePosixPath, path: str) -> str:
    parts = list(here.parts)
    for step in path.split("/"):
        if step == "..":
            parts = parts[:-1]
        elif step not in ("", "."):
            parts.append(step)
    return "/".join(parts)


def _gemacht(e: Ergebnis) -> list[Seite]:
    return [page for page in e.seiten if page.html]


@cache
def _text(page: str) -> str:
    """What a reader sees: no style, script or attribute."""
    page = re.sub(r"<(style|script)\b.*?</\1>", " ", page, flags=re.S)
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", page)))


def _ohne_namen(words: str, e: Ergebnis) -> str:
    """Words without the ids of areas, which may be anything."""
    return words.replace(str(e.ordner), "")


def _kurz(page: Seite) -> list[str]:
    """Boxes with the most important findings."""
    return [
        _text(block)
        for block in re.findall(
            r'<(?:section|div|aside)[^>]*class="[^"]*sa-kurz[^"]*".*?</(?:section|div|aside)>',
            page.html,
            re.S,
        )
    ]


def _indikator(page: Seite) -> str:
    return str(page.namen["bericht"].indikator)


def _werte(e: Ergebnis, page: Seite) -> pd.Series:
    return page.namen["bericht"].gezeigt if not page.namen["bericht"].leer else pd.Series(dtype=float)


def _um(words: str, found: re.Match[str]) -> str:
    return repr(words[max(0, found.start() - 60) : found.end() + 60])


REGELN = (befehle, zahlen, geheim, seiten, deutsch, umfang, behauptungen, tafeln, verweise)
