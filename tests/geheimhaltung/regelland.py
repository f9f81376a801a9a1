"""A small region with every rule of disclosure control at once: the same files whenever it is written."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

REGION = """\
id: regelland
name: Kreis Regelland
herausgeber: Kreis Regelland
synthetisch: true
ebenen:
  region: {einzahl: Kreis, mehrzahl: Kreise, dativ: Kreisen}
  kommune: {einzahl: Kommune, mehrzahl: Kommunen, dativ: Kommunen}
  sozialraum: {einzahl: Sozialraum, mehrzahl: Sozialräume, dativ: Sozialräumen}
schluessel_region: kreis
schluessel: {sozialraum: {muster: '[A-C] \\d+'}}
kommunen_bestaende: [a]
gebiete:
  - {ebene: kommune, datei: k.csv, id: id, name: name, kuerzel: kz}
  - {ebene: sozialraum, datei: g.csv, id: id, name: name, oberhalb: k}
stichtage: [2021-12-31, 2022-12-31, 2023-12-31]
bevoelkerung: EW
umstiege:
  - {id: alt, name: Zuschnitt bis 2021, datei: u.csv, trennzeichen: ";", gueltig_bis: 2021-12-31, gewichte: {einwohner: ew}, stichtag: 2021-12-31}
themen: [{id: t, name: Thema}]
symbolprofile: {p: {"*": {status: geheim, von: 1, bis: 4}, "-": {status: null_exakt}, "k": {status: unbekannt}}}
sperrprofile:
  melde: {mindestfallzahl: 3, komplement: false, mindestnenner: 30}
  sozial: {mindestfallzahl: 10, mindestfallzahl_kommune: 5, mindestnenner: 20}
  heikel: {mindestfallzahl: 5, null_zeigen: false, mindestfallzahl_intern: 2}
  betrieb: {mindestfallzahl: 3, dominanz: {groesste: 1, anteil: 60}, p_prozent: 20}
  rund: {mindestfallzahl: 3, rundung_zahl: 5, komplement: false}
"""

KOPF = """\
zeile_ist: ein Gebiet
quelle: {anbieter: Amt, lizenz: frei}
symbolprofil: p
tabelle:
  format: csv
  kopf: {erkennbar_an: Gebiet}
  schluessel: {spalten: [Gebiet], summen: '^Summe', nicht_zuordenbar: '^ohne'}
  stichtag: {aus: dateiname, muster: '(\\d{4})'}
"""

SEITEN = {
    "melde": ("gebietsstand: alt\nsperrprofil: melde\n", """\
pruefungen: {summen: {ew: jung + mittel + alt}}
felder: {ew: {spalte: EW}, jung: {spalte: jung}, mittel: {spalte: mittel}, alt: {spalte: alt}}
indikatoren:
  EW: {name: Bevölkerung, thema: t, art: anzahl, zaehler: ew}
  JUNG: {name: Junge, thema: t, zaehler: jung, nenner: ew}
  ALT: {name: Alte, thema: t, zaehler: alt, nenner: ew}
  ALTZAHL: {name: Zahl der Alten, thema: t, art: anzahl, zaehler: alt}
"""),
    "sozial": ("sperrprofil: sozial\n", """\
felder: {alle: {spalte: alle}, frauen: {spalte: Frauen}, maenner: {spalte: Männer}, kinder: {spalte: Kinder}}
indikatoren:
  HILFE: {name: Hilfe, thema: t, zaehler: alle, nenner: melde.ew}
  FRAUEN: {name: Frauen mit Hilfe, thema: t, art: anzahl, zaehler: frauen}
  MAENNER: {name: Männer mit Hilfe, thema: t, art: anzahl, zaehler: maenner}
  KINDER: {name: Kinder mit Hilfe, thema: t, zaehler: kinder, nenner: melde.jung}
"""),
    "heikel": ("sperrprofil: heikel\n", """\
felder: {faelle: {spalte: Fälle}, quote: {spalte: Quote, einheit: "%", max: 100, summierbar: false}}
indikatoren:
  FAELLE: {name: Fälle, thema: t, art: anzahl, zaehler: faelle}
  QUOTE: {name: Gelieferte Quote, thema: t, art: wert, zaehler: quote}
"""),
    "betrieb": ("sperrprofil: betrieb\n", """\
felder: {umsatz: {spalte: Umsatz, beitraege: [erster, zweiter]}, erster: {spalte: Erster}, zweiter: {spalte: Zweiter}}
indikatoren:
  UMSATZ: {name: Umsatz, thema: t, art: anzahl, zaehler: umsatz}
"""),
    "rund": ("sperrprofil: rund\n", """\
felder: {haushalte: {spalte: Haushalte}, allein: {spalte: allein}}
indikatoren:
  HAUSHALTE: {name: Haushalte, thema: t, art: anzahl, zaehler: haushalte}
  ALLEIN: {name: Alleinlebende, thema: t, zaehler: allein, nenner: haushalte}
"""),
}  # fmt: skip
"""Dataset -> what stands before and behind the common part of its page."""

GEBIETE = {"a": 5, "b": 4, "c": 3}


def schreibe(ordner: Path, *, nachtrag: int = 0, sozial: int = 10) -> None:
    """The region folder with its deliveries.

    ``nachtrag`` is added to every count of Frauen and alle in 2023, ``sozial`` the minimum count of that profile.
    """
    (ordner / "indikatoren").mkdir(parents=True, exist_ok=True)
    region = REGION.replace("sozial: {mindestfallzahl: 10", f"sozial: {{mindestfallzahl: {sozial}")
    (ordner / "region.yml").write_text(region, encoding="utf-8")
    for name, (before, behind) in SEITEN.items():
        page = f"id: {name}\nname: {name}\ndateien: {name}_*.csv\n{before}{KOPF}{behind}"
        (ordner / "indikatoren" / f"{name}.yml").write_text(page, encoding="utf-8")
    areas = [(f"{town.upper()} {i}", town) for town, count in GEBIETE.items() for i in range(1, count + 1)]
    _csv(ordner / "k.csv", ["id", "name", "kz"], [[k, f"Stadt {k.upper()}", k.upper()] for k in GEBIETE])
    _csv(ordner / "g.csv", ["id", "name", "k"], [[area, "", town] for area, town in areas])
    # until 2021 C 2 and C 3 were one area, and a part of B 4 belonged to B 3
    pairs = [[area, area, 1] for area, _ in areas if area not in ("C 2", "C 3", "B 3", "B 4")]
    pairs += [
        ["C 2", "C 2", 0.6],
        ["C 2", "C 3", 0.4],
        ["B 3", "B 3", 0.8],
        ["B 3", "B 4", 0.2],
        ["B 4", "B 4", 1],
    ]
    _csv(ordner / "u.csv", ["alt", "neu", "ew"], pairs)
    (ordner / "lieferungen").mkdir(exist_ok=True)
    rng = np.random.default_rng(11)
    people = np.round(np.exp(rng.uniform(np.log(18), np.log(700), len(areas))))
    for year in (2021, 2022, 2023):
        _deliver(ordner / "lieferungen", year, areas, people, rng, nachtrag if year == 2023 else 0)


def _deliver(
    folder: Path,
    year: int,
    areas: list[tuple[str, str]],
    people: np.ndarray,
    rng: np.random.Generator,
    more: int,
) -> None:
    names, towns = [area for area, _ in areas], pd.Series([town for _, town in areas])
    share = np.column_stack([rng.uniform(0.08, 0.22, len(names)), rng.uniform(0.1, 0.3, len(names))])
    young, old = (np.round(people * share[:, i]) for i in (0, 1))
    melde = {"EW": people, "jung": young, "mittel": people - young - old, "alt": old}
    women, men = rng.binomial(people.astype(int), 0.05) + more, rng.binomial(people.astype(int), 0.04)
    sozial = {
        "alle": women + men,
        "Frauen": women,
        "Männer": men,
        "Kinder": rng.binomial(young.astype(int), 0.15),
    }
    cases = rng.poisson(4, len(names))
    umsatz = rng.integers(20, 200, len(names))
    first = np.round(umsatz * rng.uniform(0.3, 0.9, len(names)))
    homes = np.round(people / 2.1)
    tables = {
        "melde": melde,
        "sozial": sozial,
        "heikel": {"Fälle": cases, "Quote": np.round(100 * cases / people, 1)},
        "betrieb": {"Umsatz": umsatz, "Erster": first, "Zweiter": np.round((umsatz - first) * 0.7)},
        "rund": {"Haushalte": homes, "allein": np.round(homes * rng.uniform(0.2, 0.5, len(names)))},
    }
    for name, columns in tables.items():
        table = pd.DataFrame(columns, index=names)
        if name == "melde" and year == 2021:
            table.loc["C 2"] += table.loc["C 3"]
            table = table.drop("C 3")
        table = table.astype(object)
        sums = []
        if name == "sozial":
            whole = table.groupby(towns.to_numpy()).sum()
            whole["alle"] += 7  # cases without an area
            whole["Frauen"] += 7
            sums = [
                [f"Summe Stadt {town.upper()}", *row]
                for town, row in zip(whole.index, whole.to_numpy(), strict=True)
            ]
            table = table.mask((table >= 1) & (table <= 4), "*")
        rows = [[area, *row] for area, row in zip(table.index, table.to_numpy(), strict=True)]
        _csv(folder / f"{name}_{year}.csv", ["Gebiet", *columns], [*rows, *sums])


def _csv(path: Path, heads: list[str], rows: list[list[object]]) -> None:
    lines = [";".join(_cell(cell) for cell in row) for row in [heads, *rows]]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def _cell(value: object) -> str:
    if isinstance(value, str):
        return value
    number = float(value)  # type: ignore[arg-type]
    return str(int(number)) if number.is_integer() else str(number).replace(".", ",")
