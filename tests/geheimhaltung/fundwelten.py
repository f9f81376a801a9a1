"""Invented deliveries in which something adds up, and what disclosure control finds in them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from sozialanalyse.geheimhaltung import Wissen, gelieferte_anteile, zeitlich
from sozialanalyse.geheimhaltung.identitaeten import _kandidaten, _Zeilen, finde, ungleichungen
from sozialanalyse.geheimhaltung.wissen import Zaehlfelder, beziehungen
from sozialanalyse.region.catalogue import Katalog

TAGE = ("2020-12-31", "2021-12-31", "2022-12-31", "2023-12-31")
BREITE = 10.0


@dataclass
class Welt:
    """Counts and other numbers of small areas by date, totals of Kommunen, and who lies where."""

    kleine: dict[str, pd.DataFrame]
    grosse: dict[str, pd.DataFrame] = field(default_factory=dict)
    raten: dict[str, pd.DataFrame] = field(default_factory=dict)
    oberhalb: dict[str, str] = field(default_factory=dict)


def welten() -> Iterator[tuple[str, Welt]]:
    """One world per combination of size, dates, gaps and rounding; each has sums, differences and ratios."""
    for seed, (areas, days, gaps, step) in enumerate(
        (areas, days, gaps, step)
        for areas, days in ((7, 2), (16, 3), (48, 1), (90, 4))
        for gaps, step in ((0.0, 1), (0.12, 1), (0.35, 1), (0.0, 5), (0.1, 3))
    ):
        yield (
            f"{areas} Gebiete {days} Tage {gaps:.0%} Lücken Schritt {step}",
            _welt(seed, areas, days, gaps, step),
        )


def _welt(seed: int, areas: int, days: int, gaps: float, step: int) -> Welt:
    rng = np.random.default_rng(seed)
    names = [f"{'AB'[i % 2]} {i:02d}" for i in range(areas)]
    owner = {name: name[0] for name in names}
    people = rng.lognormal(0, 0.4, areas)
    small, large, rates = {}, {}, {}
    stock = np.round(rng.poisson(900, areas) * people)
    for number, day in enumerate(TAGE[:days]):
        plain = {f"d.f{i}": rng.poisson((4, 30, 60, 200, 15)[i % 5] * people).astype(float) for i in range(5)}
        other = {f"e.g{i}": rng.poisson((50, 8, 300)[i] * people).astype(float) for i in range(3)}
        flows = {
            f"w.{key}": rng.poisson(rate * people).astype(float)
            for key, rate in (("zu", 40), ("fort", 30), ("geb", 9))
        }
        stock = stock + flows["w.zu"] - flows["w.fort"] + flows["w.geb"]
        frame = pd.DataFrame({**plain, **other, **flows, "w.ew": stock, "d.leer": 0.0}, index=names)
        frame["d.alle"] = frame[[f"d.f{i}" for i in range(4)]].sum(axis=1)
        frame["d.zwei"] = frame["d.f0"] + frame["d.f1"]
        frame["d.rest"] = frame["d.alle"] - frame["d.f4"] + 400
        frame["d.ohne"] = frame["d.rest"] - frame["d.f2"]
        frame["e.tausend"] = frame["d.f3"] / 1000
        frame["e.beide"] = frame["d.f3"] + frame["e.g2"] + (number == 3) * rng.integers(0, 2, areas)
        rates[day] = pd.DataFrame(
            {
                "e.quote": np.round(100 * frame["e.g1"] / frame["e.g2"], 1),
                "e.alter": np.round(rng.normal(43, 3, areas), 1),
            }
        )
        whole = frame.groupby(owner).sum()
        if step > 1:
            counts = [name for name in frame if name != "e.tausend"]
            frame[counts], whole[counts] = (step * np.round(part[counts] / step) for part in (frame, whole))
        small[day] = frame.mask(rng.random(frame.shape) < gaps)
        large[day] = whole.mask(rng.random(whole.shape) < gaps / 2)
    return Welt(small, large, rates, owner)


def gefunden(welt: Welt) -> Iterator[tuple[object, ...]]:
    """What is found: kind, formula, dates, rows, slack, and what it means on the last date."""
    rows = _Zeilen.aus(welt.kleine, welt.grosse, welt.oberhalb)
    kinds = Counter()
    for vector, sure in _kandidaten(rows):
        kinds[np.count_nonzero(vector), round(float(np.abs(vector).sum()), 4), sure] += 1
    for (size, weight, sure), count in sorted(kinds.items()):
        yield "Kandidaten", f"{size} Felder", "sicher" if sure else "", count, weight
    sums = finde(welt.kleine, welt.grosse, welt.oberhalb)
    less = ungleichungen(welt.kleine)
    shares = gelieferte_anteile.finde(welt.kleine, welt.raten)
    carried = zeitlich.finde(welt.kleine)
    for one in sums:
        yield "Identität", _glieder(one.glieder), " ".join(one.tage), one.zeilen, one.toleranz
    for one in less:
        yield "Teil", f"{one.teil} <= {one.ganzes}", " ".join(one.tage), "", ""
    for one in shares:
        yield (
            "Anteil",
            f"{one.feld} = {one.faktor:g} {one.zaehler} / {one.nenner}",
            " ".join(one.tage),
            one.zeilen,
            one.spielraum,
        )
    for one in carried:
        yield "Fortschreibung", one.formel, "", one.zeilen, ""
    known = Wissen(
        identitaeten=tuple(sums),
        ungleichungen=tuple(less),
        anteile=tuple(shares),
        fortschreibungen=tuple(carried),
    )
    for told in known.befunde(Katalog({}, {}, {})):
        yield "Befund", f"{told.schwere} {told.text} {told.abhilfe}", told.datensatz, told.regel, ""
    day = max(welt.kleine)
    frame = welt.kleine[day]
    counts = Zaehlfelder(frame, frame.notna() & False, frame.notna() & False)
    for one in beziehungen(known, day, counts, frame.index, set(frame), BREITE):
        yield "Beziehung", _glieder(one.glieder), one.gebiete.shape[0], int(one.gebiete.sum()), one.mindestens


def _glieder(parts: tuple[tuple[float, str], ...]) -> str:
    return " ".join(f"{factor:+g} {name}" for factor, name in parts)
