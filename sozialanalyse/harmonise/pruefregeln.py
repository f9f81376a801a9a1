"""Rules a dataset page declares, held against the delivered numbers with pandera."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import pandas as pd

from sozialanalyse.base import Befund
from sozialanalyse.harmonise.fundorte import Fundorte
from sozialanalyse.region import DatensatzSeite, Summe

_SAETZE = {
    "summen": ("{feld} ist nicht die Summe {ausdruck}", "Bitte die Teile oder die Summe berichtigen."),
    "teile": ("{feld} ist größer als {ausdruck}", "Bitte prüfen, ob Spalten vertauscht sind."),
    "ganzzahl": ("{feld} enthält Kommazahlen, ist aber eine Zählung",
                 "Bitte prüfen, ob Anteile statt Anzahlen geliefert sind."),
}  # fmt: skip


def pruefe_regeln(merkmale: pd.DataFrame, seite: DatensatzSeite, places: Fundorte) -> Iterator[Befund]:
    """Sums, parts of wholes and whole numbers, per reference date.

    Rows with a gap in any field of a rule are not judged by it. Areas of every level are.
    """
    rules = _rules(seite)
    delivered = merkmale.loc[merkmale["zelle"] != "", ["stichtag", "gebiet_id", "feld", "wert"]]
    for day, rows in delivered.groupby("stichtag", sort=True, observed=True):
        wide = rows.pivot(index="gebiet_id", columns="feld", values="wert")
        if all(test(wide).all() for _, test in rules.values()):
            continue  # what holds everywhere needs no report, nor the time to load what writes it
        from pandera.errors import SchemaErrors

        try:
            _schema(rules).validate(wide, lazy=True)
        except SchemaErrors as error:
            for name, cases in error.failure_cases.groupby("check", sort=False):
                kind, feld, ausdruck = rules[str(name)][0]
                failing = places.zeilen(set(cases["index"]), f"{seite.id}.{feld}", str(day))
                sentence, remedy = _SAETZE[kind]
                text = sentence.format(feld=feld, ausdruck=f"„{ausdruck}“")
                yield places.befund(
                    "warnung", f"Stichtag {day}: {text} in {places.zellen(failing)}.", remedy,
                    failing, regel=kind)  # fmt: skip


Regel = tuple[tuple[str, str, str], Callable[[pd.DataFrame], pd.Series]]


def _rules(seite: DatensatzSeite) -> dict[str, Regel]:
    """Name -> what the rule is called, and a test that says for each area whether it holds."""
    rules: dict[str, Regel] = {}
    for kind in ("summen", "teile"):
        for feld, ausdruck in getattr(seite.pruefungen, kind).items():
            total = Summe.lesen(ausdruck, seite.id)
            test = _adds_up if kind == "summen" else _is_part
            rules[f"{kind}:{feld}"] = (
                (kind, feld, ausdruck),
                _holds(test, f"{seite.id}.{feld}", total, seite.pruefungen.toleranz, _rundung(seite, total)),
            )
    for name, feld in seite.felder.items():
        if feld.summierbar and feld.einheit != "%" and feld.faktor == 1:
            rules[f"ganzzahl:{name}"] = (("ganzzahl", name, ""), _whole(f"{seite.id}.{name}"))
    return rules


def _schema(rules: dict[str, Regel]) -> pd.DataFrame:
    import pandera.pandas as pa

    checks = [pa.Check(test, name=name, ignore_na=False) for name, (_, test) in rules.items()]
    return pa.DataFrameSchema(checks=checks)


def _rundung(seite: DatensatzSeite, total: Summe) -> float:
    """By how much a field and a sum of fields may be apart because counts are delivered rounded."""
    return seite.gerundet_auf / 2 * (1 + len(total.felder))


def _adds_up(own: pd.Series, total: pd.Series, slack: float, rounding: float) -> pd.Series:
    return (own - total).abs() <= max(0.5, rounding) + slack / 100 * total.abs()


def _is_part(own: pd.Series, total: pd.Series, slack: float, rounding: float) -> pd.Series:
    return own <= total + rounding + 1e-9


def _holds(
    test: Callable[[pd.Series, pd.Series, float, float], pd.Series],
    feld: str,
    total: Summe,
    slack: float,
    rounding: float,
) -> Callable[[pd.DataFrame], pd.Series]:
    def check(wide: pd.DataFrame) -> pd.Series:
        if not {feld, *total.felder} <= set(wide.columns):
            return pd.Series(True, index=wide.index)
        signs = np.array([sign for sign, _ in total.glieder], dtype=float)
        found = wide[list(total.felder)] @ signs
        return test(wide[feld], found, slack, rounding) | wide[feld].isna() | found.isna()

    return check


def _whole(feld: str) -> Callable[[pd.DataFrame], pd.Series]:
    def check(wide: pd.DataFrame) -> pd.Series:
        if feld not in wide.columns:
            return pd.Series(True, index=wide.index)
        return wide[feld].isna() | ((wide[feld] - wide[feld].round()).abs() < 1e-9)

    return check
