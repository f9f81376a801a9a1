"""German words and numbers for results: level names, percentages, one sentence per finding."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from sozialanalyse.base import Ebene, Kontext, text, zahl

from .intervals import decidable

_NO_ODDS = 1.005
"""Median odds ratios that are printed as 1,00."""
Ebenen = Kontext | tuple[Ebene, Ebene]
"""A context, or the pair (sozialraum, kommune) of level names."""


@dataclass(frozen=True)
class Words:
    """Names of the two levels, ready for the sentences."""

    sozialraeume: str
    sozialraeume_dativ: str
    kommunen: str
    kommunen_dativ: str

    @classmethod
    def of(cls, ebenen: Ebenen | None) -> Words:
        """Words of the given levels, or the usual ones."""
        if ebenen is None:
            return cls(**{name: text(f"variance.ebene.{name}") for name in cls.__dataclass_fields__})
        small, large = (ebenen.sozialraum, ebenen.kommune) if isinstance(ebenen, Kontext) else ebenen
        return cls(small.mehrzahl, small.dativ, large.mehrzahl, large.dativ)

    def say(self, key: str, **values: object) -> str:
        """Sentence ``variance.<key>`` with level names and values filled in."""
        return text(f"variance.{key}", **(vars(self) | values))


def percent(value: float) -> str:
    """Whole percent of a share."""
    return zahl(100 * value)


def verdict(row: pd.Series[Any], alpha: float) -> str:
    """Where most of the differences lie and whether the interval allows to say so.

    One of ``innen_sicher``, ``innen_eher``, ``zwischen_sicher``, ``zwischen_eher``, ``offen`` (the data do
    not tell).
    """
    share, low, high = row["share_structural"], row["share_low"], row["share_high"]
    if not decidable(row, alpha):
        return "offen"
    if share < 0.5:
        return "innen_sicher" if high < 0.5 else "innen_eher"
    return "zwischen_sicher" if low > 0.5 else "zwischen_eher"


def sentence(
    row: pd.Series[Any],
    words: Words,
    label: str,
    alpha: float,
    noise: bool,
    weighted: bool,
    odds: tuple[float, float] | None,
    placed: bool,
) -> str:
    """What one row of the table says, in sentences that may be read aloud."""
    parts = []
    found = verdict(row, alpha)
    if found == "offen":
        parts.append(why_open(row, words, alpha))
    else:
        parts.append(words.say(f"satz.{found}"))
        values = {name: percent(row[f"share_{name}"]) for name in ("low", "high")}
        share = percent(row["share_structural"])
        if np.isnan(row["share_low"]) or np.isnan(row["share_high"]):
            parts.append(words.say("satz.dauerhaft_punkt", share=share))
        else:
            key = "satz.dauerhaft_rauschen" if noise else "satz.dauerhaft"
            parts.append(words.say(key, share=share, **values))
    view = "eta2_weighted" if weighted else "eta2"
    if not np.isnan(row[view]) and not np.isnan(row[f"{view}_null"]):
        parts.append(
            words.say(
                "satz.karte_gewichtet" if weighted else "satz.karte",
                eta2=percent(row[view]),
                null=percent(row[f"{view}_null"]),
            )
        )
    parts.extend(_tested(row, words, alpha, weighted, placed))
    if found != "offen" and odds is not None and not np.isnan(odds[0]):
        if max(odds) < _NO_ODDS:
            parts.append(words.say("satz.keine_chancen"))
        else:
            values = {"mor_kommune": zahl(odds[0], 2), "mor_sozialraum": zahl(odds[1], 2)}
            parts.append(words.say("satz.chancen", **values))
    return words.say("satz.mit_label", label=label, satz=" ".join(parts))


def why_open(row: pd.Series[Any], words: Words, alpha: float) -> str:
    """Why it cannot be decided where the differences lie."""
    if row["p_noise"] > alpha:
        return words.say("satz.nur_rauschen")
    if np.isnan([row["share_structural"], row["share_low"], row["share_high"]]).any():
        return words.say("satz.unbestimmt")
    return words.say("satz.breit", low=percent(row["share_low"]), high=percent(row["share_high"]))


def _tested(row: pd.Series[Any], words: Words, alpha: float, weighted: bool, placed: bool) -> list[str]:
    """What the tests of the share on the map say, adjusted for the number of indicators as everywhere."""
    q, near = row["q_free_weighted" if weighted else "q_free"], row["q_contiguous"]
    if np.isnan(q):
        return []
    if (q <= alpha) != (row["q_free"] <= alpha):
        return [words.say("satz.zufall_je_nach_gewicht")]
    parts = [words.say("satz.mehr_als_zufall" if q <= alpha else "satz.nicht_mehr_als_zufall")]
    if placed and not np.isnan(near):
        parts.append(words.say("satz.grenze" if near <= alpha else "satz.keine_grenze"))
    return parts


def _amount(mask: pd.Series[bool], words: Words) -> str:
    """How many rows a statement holds for, as it stands after "bei"."""
    return str(int(mask.sum())) if mask.any() else words.say("gesamt.keinem")


def _middle(table: pd.DataFrame, words: Words, weighted: bool) -> str:
    """The middle of all rows: share on the map beside its null line, share without chance with its interval."""
    view = "eta2_weighted" if weighted else "eta2"
    middle = table[[view, f"{view}_null", "share_structural", "share_low", "share_high"]].median()
    eta2, null, share, low, high = map(percent, middle)
    parts = [words.say("gesamt.mitte", eta2=eta2, null=null)]
    sure = middle[["share_low", "share_high"]].notna().all()
    parts.append(
        words.say("gesamt.mitte_spanne" if sure else "gesamt.mitte_punkt", share=share, low=low, high=high)
    )
    return " ".join(parts)


def statements(
    table: pd.DataFrame,
    words: Words,
    alpha: float,
    labels: dict[Any, str],
    topics: dict[Any, str],
    areas: int,
    groups: int,
    placed: bool,
    weighted: bool,
) -> list[str]:
    """What all rows say together: does "within is larger than between" hold, where, how sure.

    Rows that tell nothing are counted once, as such; everything else is said of the others.
    """
    parts = [words.say("gesamt.umfang", indikatoren=len(table), n=areas, groups=groups)]
    found = table.apply(verdict, axis=1, alpha=alpha)
    unknown = int((found == "offen").sum())
    table, found = table[found != "offen"], found[found != "offen"]
    total = len(table)
    if unknown:
        parts.append(
            words.say("gesamt.offen" if total else "gesamt.alle_offen", anzahl=unknown, alle=unknown + total)
        )
    if not total:
        return parts
    inside, outside = found.str.startswith("innen"), found.str.startswith("zwischen")
    sure = found.str.endswith("sicher")
    for key, mask in (("innen", inside), ("zwischen", outside)):
        if mask.any():
            parts.append(
                words.say(
                    f"gesamt.{key}", anzahl=int(mask.sum()), alle=total, sicher=_amount(mask & sure, words)
                )
            )
    parts.append(_middle(table, words, weighted))
    if not outside.any():
        parts.append(words.say("gesamt.befund_alle"))
    elif not inside.any():
        parts.append(words.say("gesamt.befund_keiner"))
    else:
        names = ", ".join(labels.get(name, str(name)) for name in table.index[outside])
        parts.append(words.say("gesamt.befund_teils", namen=names))
    for key, column in (("zufall", "q_free_weighted" if weighted else "q_free"), ("grenze", "q_contiguous")):
        if table[column].notna().any() and (placed or key == "zufall"):
            parts.append(
                words.say(f"gesamt.{key}", anzahl=_amount(table[column] <= alpha, words), alle=total)
            )
    for topic in dict.fromkeys(topics.get(name) for name in table.index):
        if topic is not None:
            here = np.array([topics.get(name) == topic for name in table.index])
            parts.append(
                words.say(
                    "gesamt.thema",
                    thema=topic,
                    anzahl=_amount(inside & here, words),
                    alle=int(here.sum()),
                    sicher=_amount(inside & sure & here, words),
                )
            )
    return parts
