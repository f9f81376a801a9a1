"""The attack report: what is protected, at which cost, and whether it holds; for a data-protection officer."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
from markupsafe import escape

from sozialanalyse.base import runden, text, zahl, zahl_knapp
from sozialanalyse.region import Region, Sperrprofil

UMFANG = ("werte", "relationen", "komplemente", "abgeleitet", "zeit", "register", "aussen", "ganzzahlig", "vorwissen",
          "mittel")  # fmt: skip
"""What the attack covers and what it does not, in the order of the page."""
ANDERE = ("zusammen", "kommunen", "rundung_5", "rundung_10")
"""What could be done instead, in the order of the columns."""


def inhalt(
    region: Region,
    indikatoren: pd.DataFrame,
    namen: dict[str, str],
    bestand: str,
    bilanz: pd.DataFrame,
    ziele: pd.DataFrame,
    unversorgt: pd.Series,
    register: pd.DataFrame,
    identitaeten: pd.DataFrame,
    alternativen: pd.DataFrame,
) -> str:
    """HTML of the report.

    Parameters
    ----------
    indikatoren
        Catalogue as a table.
    namen
        Names of the datasets.
    bilanz, ziele
        Cost and protected quantities, as :class:`sozialanalyse.geheimhaltung.Schutz` holds them.
    unversorgt
        Per dataset the mean share of the population (0 to 1) living where a value is hidden.
    register
        Publications so far: datum, bestand, audience, zellen.
    identitaeten
        Sums that are taken as known: formel, deklariert, zeilen.
    alternativen
        What each indicator would hide otherwise (:func:`sozialanalyse.geheimhaltung.alternativen`).
    """
    dataset = indikatoren["datensatz"]
    cost = bilanz.assign(datensatz=bilanz["indikator_id"].map(dataset)).groupby("datensatz")
    cost = cost[["zellen", "primaer", "sekundaer"]].sum()
    sums = cost.sum()
    known = ziele[ziele["schon_bekannt"]]
    narrow = ziele[~ziele["geschuetzt"] & ~ziele["schon_bekannt"]]
    days = ", ".join(_day(day) for day in sorted(bilanz["stichtag"].unique()))
    verdict = (
        text("geheimhaltung.ergebnis_schlecht", offen=len(narrow), ziele=zahl(len(ziele)))
        if len(narrow)
        else text("geheimhaltung.ergebnis_gut", ziele=zahl(len(ziele) - len(known)))
    )
    hidden = sums["primaer"] + sums["sekundaer"]
    parts = [
        f"<h1>{_t('titel')}</h1>",
        f"<p><strong>{_t('nur_intern')}</strong></p>",
        f"<p>{escape(text('geheimhaltung.einleitung', bestand=bestand, stichtage=days))}</p>",
        f'<p class="sa-kernsatz"><strong>{escape(verdict)}</strong></p>',
        f"<h2>{_t('kosten_titel')}</h2>",
        "<p>"
        + str(
            escape(
                text(
                    "geheimhaltung.kosten_satz",
                    zellen=zahl(sums["zellen"]),
                    primaer=zahl(sums["primaer"]),
                    sekundaer=zahl(sums["sekundaer"]),
                    anteil=_knapp(100 * hidden / max(sums["zellen"], 1)),
                )
            )
        )
        + "</p>",
        _table("kosten_titel", ["datensatz", "zellen", "primaer", "sekundaer", "anteil", "bevoelkerung"],
               [[namen.get(str(key), str(key)), *map(zahl, row), _percent(row.iloc[1:].sum(), row.iloc[0]),
                 f"{_knapp(100 * float(unversorgt.get(str(key), 0.0)))} %"] for key, row in cost.iterrows()]),
        f"<h2>{_t('je_indikator_titel')}</h2><p>{_t('je_indikator_satz')}</p>",
        _table("je_indikator_titel", ["indikator", "zellen", "zahl", "rest", "basis", "geteilt", "sekundaer", "anteil",
                                      *ANDERE], _each(bilanz, indikatoren, alternativen)),
        *([f"<h3>{_t('grenzen_titel')}</h3><p>{_t('grenzen_satz')}</p>"] if len(alternativen) else []),
        f"<h2>{_t('identitaeten_titel')}</h2><p>{_t('identitaeten_satz' if len(identitaeten) else 'identitaeten_keine')}</p>",
        *([_table("identitaeten_titel", ["summe", "herkunft"], [
            [one.formel, text("geheimhaltung.deklariert") if one.deklariert else text("geheimhaltung.gefunden", zeilen=zahl(one.zeilen))]
            for one in identitaeten.itertuples()])] if len(identitaeten) else []),
        f"<h2>{_t('regeln_titel')}</h2><p>{_t('regeln_satz')}</p>",
        _table("regeln_titel", ["profil", "mindestfallzahl", "kommune", "intern", "mindestnenner", "nullwert", "komplement",
                                "weitere", "rechtsgrundlage"],
               [_rule(name, profil) for name, profil in region.seite.sperrprofile.items()]),
        f"<h2>{_t('angriff_titel')}</h2><p>{_t('angriff_satz')}</p>",
        _table("angriff_titel", ["datensatz", "ziele", "breite", "engste", "offen"], _attack(ziele, dataset, namen)),
    ]  # fmt: skip
    for key, those in (("offen", narrow), ("bekannt", known)):
        if those.empty:
            continue
        rows = [
            [
                _day(row.stichtag), row.gebiet_id, row.indikator_id, text(f"geheimhaltung.arten.{row.art}"),
                _knapp(row.breite), _knapp(row.weite),
            ]
            for row in those.itertuples()
        ]  # fmt: skip
        columns = ["stichtag", "gebiet", "indikator", "art", "breite", "engste"]
        head = f"<h2>{_t(f'{key}_titel')}</h2><p>{_t(f'{key}_satz')}</p>"
        parts += [head, _table(f"{key}_titel", columns, rows)]
    scope = "".join(
        f"<li>{escape(line)}</li>" for line in (text(f"geheimhaltung.umfang.{name}") for name in UMFANG)
    )
    parts += [f"<h2>{_t('umfang_titel')}</h2><ul>{scope}</ul>", f"<h2>{_t('register_titel')}</h2>"]
    if len(register):
        rows = [
            [_day(str(row.datum)), row.bestand, row.audience, zahl(row.zellen)]
            for row in register.itertuples()
        ]
        parts.append(_table("register_titel", ["datum", "bestand", "zielgruppe", "werte"], rows))
    else:
        parts.append(f"<p>{_t('register_leer')}</p>")
    return f'<div class="sa">{"".join(parts)}</div>'


def _each(bilanz: pd.DataFrame, indikatoren: pd.DataFrame, others: pd.DataFrame) -> list[list[str]]:
    """Per indicator of which something is hidden, most first: by which rule, and what else could be done."""
    sums = bilanz.groupby("indikator_id", sort=False)[
        ["zellen", "primaer", "sekundaer", "zahl", "rest", "basis"]
    ].sum()
    sums["anteil"] = (sums["primaer"] + sums["sekundaer"]) / sums["zellen"].clip(lower=1)
    rows = []
    for key, row in sums[sums["anteil"] > 0].sort_values("anteil", ascending=False, kind="stable").iterrows():
        own = row["zahl"] + row["rest"] + row["basis"]
        choice = [
            _share(others.at[key, f"{name}_gesperrt"], others.at[key, f"{name}_zellen"])
            if key in others.index
            else "–"
            for name in ANDERE
        ]
        rows.append([
            f"{key} {indikatoren.at[key, 'name']}", zahl(row["zellen"]), zahl(row["zahl"]), zahl(row["rest"]),
            zahl(row["basis"]), zahl(row["primaer"] - own), zahl(row["sekundaer"]),
            _percent(row["primaer"] + row["sekundaer"], row["zellen"]), *choice,
        ])  # fmt: skip
    return rows


def _share(hidden: float, cells: float) -> str:
    """How many of so many values would be hidden."""
    if pd.isna(cells) or not cells:
        return "–"
    return text(
        "geheimhaltung.von", gesperrt=zahl(hidden), zellen=zahl(cells), anteil=_percent(hidden, cells)
    )


def _t(key: str) -> str:
    return str(escape(text(f"geheimhaltung.{key}")))


def _rule(name: str, profil: Sperrprofil) -> list[str]:
    more = []
    if profil.schutzbreite is not None:
        more.append(f"{text('geheimhaltung.spalten.breite')} {profil.schutzbreite}")
    if profil.dominanz is not None:
        more.append(
            text("geheimhaltung.dominanz", n=profil.dominanz.groesste, anteil=_knapp(profil.dominanz.anteil))
        )
    if profil.p_prozent is not None:
        more.append(text("geheimhaltung.p_prozent", p=_knapp(profil.p_prozent)))
    if profil.rundung_zahl:
        more.append(text("geheimhaltung.rundung_zahl", schritt=profil.rundung_zahl))
    if profil.rundung_wert:
        more.append(text("geheimhaltung.rundung_wert", schritt=_knapp(profil.rundung_wert)))
    own = profil.mindestfallzahl_kommune
    return [
        f"{name}: {profil.beschreibung}",
        str(profil.mindestfallzahl),
        text("geheimhaltung.wie_oeffentlich") if own is None else str(own),
        str(profil.mindestfallzahl_intern),
        str(profil.mindestnenner),
        text("geheimhaltung.gezeigt") if profil.null_zeigen else text("geheimhaltung.ja"),
        text("geheimhaltung.ja") if profil.komplement else text("geheimhaltung.nein"),
        "; ".join(more) or "–",
        profil.rechtsgrundlage or "–",
    ]


def _attack(ziele: pd.DataFrame, dataset: pd.Series, namen: dict[str, str]) -> list[list[str]]:
    """Per dataset the tightest case; fields that only stand in sums belong to the dataset they come from."""
    if ziele.empty:
        return []
    owner = ziele["indikator_id"].map(dataset)
    owner = owner.fillna(ziele["indikator_id"].str.partition(".")[0])
    rows = []
    for key, part in ziele.groupby(owner, sort=True):
        tightest = part.loc[(part["weite"] / part["breite"].clip(lower=1e-9)).idxmin()]
        rows.append(
            [
                namen.get(str(key), str(key)), zahl(len(part)), _knapp(tightest["breite"]),
                _knapp(tightest["weite"]), zahl((~part["geschuetzt"] & ~part["schon_bekannt"]).sum()),
            ]
        )  # fmt: skip
    return rows


def _table(key: str, columns: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    title = _t(key)
    head = "".join(f'<th scope="col">{_t(f"spalten.{name}")}</th>' for name in columns)
    body = "".join(
        f'<tr><th scope="row">{escape(str(row[0]))}</th>'
        + "".join(f"<td>{escape(str(cell))}</td>" for cell in row[1:])
        + "</tr>"
        for row in rows
    )
    return (
        f'<div class="sa-rolle" tabindex="0" role="region" aria-label="{title}"><table class="sa-tabelle">'
        f"<caption>{title}</caption><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def _knapp(value: float) -> str:
    return zahl_knapp(runden(value, 1))


def _percent(part: float, whole: float) -> str:
    return f"{_knapp(100 * part / whole if whole else 0.0)} %"


def _day(day: str) -> str:
    year, month, number = day[:10].split("-")
    return f"{number}.{month}.{year}"
