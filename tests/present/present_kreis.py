"""A made-up county: 93 areas of a jittered tiling in ten municipalities, and every public function."""

from __future__ import annotations

import html
import re

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from sozialanalyse import present
from sozialanalyse.base.kontext import Ebene, Kontext
from sozialanalyse.present import Eingabefeld, Spalte, Treffer, Verweis

MARKE = "Demodaten – frei erfunden"
BOESE = '<script>alert("x")</script>\'&<b onclick=1>'
GEHEIM = 98765.4


def kontext_mit(**aenderung: object) -> Kontext:
    return Kontext(
        region="Musterkreis",
        herausgeber="Kreis Musterland",
        stichtag="31.12.2023",
        audience="oeffentlich",
        sozialraum=Ebene("sozialraum", "Sozialraum", "Sozialräume", "Sozialräumen", "m"),
        kommune=Ebene("kommune", "Kommune", "Kommunen", "Kommunen", "f"),
        marke=MARKE,
        quellen=("Melderegister",),
    ).mit(**aenderung)


def kreis(n: int = 93, seed: int = 5, name: str = "Ort Größenfeld {}") -> gpd.GeoDataFrame:
    """Areas of a Voronoi tiling with bent borders; ten municipalities from west to east."""
    rng = np.random.default_rng(seed)
    points = rng.uniform(0, 40_000, (n, 2))
    box = shapely.box(0, 0, 40_000, 40_000)
    cells = np.array(shapely.get_parts(shapely.voronoi_polygons(shapely.MultiPoint(points), extend_to=box)))
    cells = shapely.set_precision(shapely.intersection(cells, box), 1)
    cells = shapely.transform(cells, lambda xy: xy + np.c_[xy[:, 1] % 7, xy[:, 0] % 5] * 20)
    order = np.argsort(shapely.get_x(shapely.centroid(cells)), kind="stable")
    towns = [f"K{i * 10 // n}" for i in range(n)]
    ids = pd.Index([f"{town} {i + 1}" for i, town in enumerate(towns)], name="gebiet_id")
    return gpd.GeoDataFrame(
        {"name": [name.format(i) for i in ids], "kommune_id": towns},
        geometry=cells[order],
        index=ids,
        crs="EPSG:25832",
    )


def stoff(schlecht: bool = False) -> dict[str, object]:
    """Inputs for :func:`alle`; ``schlecht`` puts markup into every text that comes from data."""
    words = BOESE if schlecht else "Ort"
    areas = kreis(name=words + " {}")
    rng = np.random.default_rng(1)
    values = pd.Series(rng.uniform(2, 20, len(areas)), index=areas.index)
    values.iloc[4] = GEHEIM
    status = pd.Series("wert", index=areas.index)
    status.iloc[4], status.iloc[5], status.iloc[6] = "geheim", "null_exakt", "folgt"
    values.iloc[7] = np.nan
    areas.loc[areas.index[8], "geometry"] = None
    types = pd.Series(rng.integers(1, 6, len(areas)).astype(float), index=areas.index)
    types.iloc[9] = np.nan
    towns = pd.DataFrame({"name": [f"{words} {i}" for i in range(10)]}, index=[f"K{i}" for i in range(10)])
    names = {kind: f"{words} {kind}" for kind in range(1, 6)}
    unsure = pd.Series(rng.random(len(areas)) < 0.2, index=areas.index)
    columns = {key: Spalte(f"{words} {key}", "%", 1) for key in ("a", "b", "c")}
    shares = pd.DataFrame(
        {"eta2": [0.4, 0.1, np.nan], "eta2_null": 0.098, "icc": [0.3, 0.0, np.nan]}, index=list("abc")
    ).assign(icc_low=[0.1, 0.0, np.nan], icc_high=[0.6, 0.2, np.nan], n=93, groups=10)
    return {
        "areas": areas, "values": values, "status": status, "types": types, "towns": towns,
        "names": names, "unsure": unsure, "columns": columns, "shares": shares, "words": words,
    }  # fmt: skip


def alle(kontext: Kontext, schlecht: bool = False) -> dict[str, present.Anzeige]:
    """Result of every public display function."""
    d = stoff(schlecht)
    areas, values, status = d["areas"], d["values"], d["status"]
    words, home = d["words"], areas["kommune_id"]
    common = {"kontext": kontext, "kommunen": d["towns"]}
    many = pd.DataFrame(dict.fromkeys("abc", values))
    reasons = pd.DataFrame(dict.fromkeys("abc", status))
    z = pd.DataFrame([[1.2, -1.2, 0.1], [0.6, -0.6, np.nan]], index=[1, 2], columns=list("abc"))
    years = pd.concat(
        d["shares"]
        .reset_index(names="indikator_id")
        .rename(columns={"eta2": "wert", "icc_low": "unten", "icc_high": "oben", "eta2_null": "zufall"})
        .assign(stichtag=f"{year}-12-31")
        for year in (2020, 2021, 2023)
    )
    labels = {key: f"{words} {key}" for key in "abc"}
    stufen = present.einstufen(values, present.Spalte(words, "%"), status=status)
    return {
        "typenkarte": present.typenkarte(
            areas, d["types"], titel=f"{words} Typen", unsicher=d["unsure"], namen=d["names"],
            hervorheben=areas.index[0], **common,
        ),
        "choropleth": present.choropleth(areas, stufen, titel=f"{words} Werte", **common),
        "hintergrundkarte": present.hintergrundkarte(areas, stufen, titel=f"{words} Beweglich", **common),
        "anteile": present.anteile(
            d["shares"], kontext=kontext, titel=f"{words} Anteile", namen=labels, themen=labels
        ),
        "streifen": present.streifen(
            values, home, present.Spalte(words), titel=f"{words} Streifen", status=status, namen=areas["name"],
            kommune_werte=values.groupby(home).median(), region_wert=9.0, hervorheben=areas.index[0], **common,
        ),
        "streifen_auswahl": present.streifen_auswahl(
            many, home, titel=f"{words} Auswahl", spalten=d["columns"], status=reasons, namen=areas["name"],
            **common,
        ),
        "verlauf": present.verlauf(years, kontext=kontext, titel=f"{words} Verlauf", namen=labels),
        "profil": present.profil(
            z, 10 + z, kontext=kontext, titel=f"{words} Profil", spalten=d["columns"], namen=d["names"],
            themen=labels, region=pd.Series(10.0, index=list("abc")),
        ),
        "vorkommen": present.vorkommen(
            d["types"], home, titel=f"{words} Vorkommen", namen=d["names"], **common
        ),
        "sicherheit": present.sicherheit(
            values.rank(pct=True), d["types"], kontext=kontext, titel=f"{words} Sicherheit",
            namen=d["names"], gebietsnamen=areas["name"],
        ),
        "lage": present.lage(
            [
                present.Streifen(f"{words} 1", values.where(status == "wert"), "%", 1, 9.0, 7.5),
                present.Streifen(f"{words} 2", pd.Series(np.nan, index=areas.index), grund=words),
            ],
            kontext=kontext, titel=f"{words} Lage", eigene=areas.index[:9], hervorheben=areas.index[0],
            namen=areas["name"], kommune=words,
        ),
        "bruecke": present.bruecke(
            pd.DataFrame({"name": [words, "Ort"], "share": [0.62, 0.98], "low": [0.5, 0.9], "high": [0.7, 1.0]}),
            kontext=kontext, titel=f"{words} Brücke", anzahl=59,
        ),
        "stapel": present.stapel(
            pd.DataFrame({"a": [3, 0], "b": [1, 12], "c": [0, 0]}, index=[words, "Leer"]), kontext=kontext,
            titel=f"{words} Stapel", kopf=words, namen=labels,
        ),
        "auftakt": present.auftakt(
            present.kurzfassung([words, "Auftakt"]), kennzahl=present.Kennzahl(words, words, words), hinweis=words,
            bild=present.choropleth(areas, stufen, titel=f"{words} Auftakt", **common),
        ),
        "typkarten": present.typkarten(
            [present.Typkarte(1, words, [words], words, words), present.Typkarte(2, "Anderer", ["Merkmal"], "2")],
            areas, pd.Series(1, index=areas.index), kontext=kontext, titel=words, hinweis=words,
        ),
        "klappe": present.klappe([present.absaetze([words])], titel=words),
        "ueberblick": present.ueberblick(
            many, many.gt(9).replace({True: "etwas_hoeher", False: "aehnlich"}), kontext=kontext,
            titel=f"{words} Überblick", spalten=d["columns"], namen=areas["name"].to_dict(), status=reasons,
            kopfzeilen=2, verweise={areas.index[3]: "seite.html"},
        ),
        "steckbrief": present.steckbrief({words: words}, titel=words),
        "absaetze": present.absaetze([words], titel=words, hinweis=words),
        "textform": present.textform(
            "/x", {"ort": words}, words, erzeugt=words, zuletzt=words, wer=words, maengel={"text": words}
        ),
        "einfach": present.absaetze([words], titel=words, art="einfach"),
        "glossar": present.glossar({words: words}),
        "liste": present.liste([words]),
        "folge": present.folge([present.liste([words])]),
        "paar": present.paar(present.liste([words]), present.liste([words])),
        "zusammen": present.zusammen([present.liste([words])] * 3),
        "tabelle": present.tabelle(
            many.assign(text=words), titel=f"{words} Tabelle", kontext=kontext, status=reasons
        ),
        "kopf": present.kopf(words, words, kontext, stil=False),
        "marke": present.marke(kontext),
        "quellen": present.quellen([{"name": words, "anbieter": words, "hinweis": words}], kontext),
        "kurzfassung": present.kurzfassung([words]),
        "methode": present.methode(f"## Titel\n\n{words}\n\n- {words}"),
        "keine_daten": present.keine_daten(words, words),
        "hinweis": present.hinweis(words, titel=words, art="warnung"),
        "auswahl": present.auswahl(
            [Eingabefeld("ort", words, [("a", words), ("b", words, words)], hilfe=words)], "seite.html", {"ort": "b"}
        ),
        "auswahl_lab": present.auswahl([Eingabefeld("ort", words, [("a", words)])], None, {"ort": "a"}),
        "rangfolge": present.rangfolge(
            areas, stufen, titel=f"{words} Rangfolge", region_wert=9.0, **common
        ),
        "zeitreihe": present.zeitreihe(
            pd.DataFrame({"2021-12-31": values * 0.9, "2023-12-31": values}),
            pd.Series({"2021-12-31": 8.0, "2023-12-31": 9.0}), present.Spalte(words), kontext=kontext, titel=f"{words} Zeitreihe",
            status=pd.DataFrame({"2021-12-31": status, "2023-12-31": status}), namen=areas["name"],
        ),
        "entwicklung": present.entwicklung(
            [
                present.Linie(words, pd.Series({"2021-12-31": 8.0, "2023-12-31": 9.5}),
                              pd.Series({"2021-12-31": 7.0, "2023-12-31": float("nan")}), "%"),
                present.Linie("Lücke", pd.Series({"2021-12-31": float("nan"), "2023-12-31": float("nan")}),
                              pd.Series({"2021-12-31": float("nan"), "2023-12-31": float("nan")})),
            ],
            kontext=kontext, titel=f"{words} Entwicklung", ort=words,
        ),
        "streuung": present.streuung(
            areas, values, values**2, titel=f"{words} Streuung", spalten=(d["columns"]["a"], d["columns"]["b"]),
            status=(status, status), gerade=(1.0, 2.0), befund=words, **common,
        ),
        "symbolkarte": present.symbolkarte(
            areas, values, present.Spalte(words, "EW"), titel=f"{words} Symbole", status=status, **common
        ),
        "zweifach": present.zweifach(
            areas, values, values.iloc[::-1].set_axis(values.index), titel=f"{words} Zweifach",
            spalten=(d["columns"]["a"], d["columns"]["b"]),
            status=(status, status.iloc[::-1].set_axis(status.index)), **common,
        ),
        "kleine_vielfache": present.kleine_vielfache(
            areas, {f"{words} 1": stufen, f"{words} 2": stufen}, titel=f"{words} Vielfache", **common
        ),
        "kachelkarte": present.kachelkarte(areas, stufen, titel=f"{words} Kacheln", **common),
        "fuellung": present.fuellung(
            pd.DataFrame({"wert": [8, 5], "geheim": [1, 5], "luecke": [1, 0]}, index=[f"{words} 1", f"{words} 2"]),
            kontext=kontext, titel=f"{words} Füllung", kopf=words,
        ),
        "werkzeug": present.werkzeug("tafel", "wert", kontext=kontext, region=words, titel=words),
        "suche": present.suche([Treffer(words, "seite.html", words, (words,))], titel=words),
        "verzeichnis": present.verzeichnis({words: [Verweis(words, "seite.html")]}, titel=words),
        "verweise": present.verweise([Verweis(words, "seite.html?a=1&b=2", words)]),
    }  # fmt: skip


MIT_MARKE = (
    "typenkarte", "choropleth", "hintergrundkarte", "anteile", "streifen", "streifen_auswahl", "verlauf",
    "profil", "vorkommen", "sicherheit", "rangfolge", "zeitreihe", "streuung", "symbolkarte", "zweifach",
    "kleine_vielfache", "kachelkarte", "fuellung", "tabelle", "kopf", "marke", "quellen", "lage", "ueberblick",
    "bruecke", "auftakt", "stapel",
    "entwicklung",
)  # fmt: skip
"""Functions that show data or name their source."""


def csv_datei(found: present.Anzeige, *, technisch: bool = False) -> str:
    """What a display lists as CSV; empty where it lists nothing."""
    if found.tafel is None:
        return ""
    return present.csv(found.tafel, technisch=technisch).decode("utf-8-sig")


def sichtbar(fragment: str) -> str:
    """Fragment with its framed documents unpacked."""
    frames = [html.unescape(page) for page in re.findall(r'srcdoc="([^"]*)"', fragment)]
    return "\n".join([fragment, *frames])
