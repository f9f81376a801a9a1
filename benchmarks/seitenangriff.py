"""Attack the finished results of a region as its audience gets them: pages, pictures, workbooks, PDF, CSV, JSON, notebooks.

    python benchmarks/seitenangriff.py [--region FOLDER] [--audience oeffentlich] [--ergebnisse FOLDER]
                                       [--je-art 3] [--ziele 200] [--seiten]

Needs `sozialanalyse build` and `sozialanalyse run`; with ``--seiten`` a few pages of each kind are made here instead, which
also serves audiences without a batch (``kommune:ID``) and regions without parameters. Reads tables, tooltips, descriptions,
attributes, comments, hidden sheets, tables and texts of PDF, measures lengths, places and colours of marks, keeps every
number with the interval its rounding leaves, looks for sums in the numbers itself, assumes at worst that the number of cases
without an area is known, and asks linear programs how far every protected count can be narrowed. Shares no code with the
protection (tests/geheimhaltung). Exit code 1 if a hidden number is printed or narrowed below its width.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd

ROOT = Path(__file__).parents[1]
REGION = ROOT / "data" / "staedteregion-aachen"
sys.path[:0] = [str(ROOT / "tests" / "geheimhaltung"), str(ROOT / "tests"), str(REGION / "erzeuger")]

from leser import Leser, oeffentliche_seiten  # noqa: E402

from sozialanalyse import geheimhaltung, store  # noqa: E402
from sozialanalyse.base import settings  # noqa: E402
from sozialanalyse.base.errors import SozialanalyseFehler  # noqa: E402
from sozialanalyse.region.catalogue import lade_katalog  # noqa: E402


def gezogen() -> dict[str, pd.DataFrame]:
    """Counts behind the deliveries of the shipped region, also those that suppliers hide."""
    import plan
    import wahrheit
    import zaehlungen

    areas = pd.read_csv(
        REGION / "sozialraeume.csv", sep=";", decimal=",", dtype={"kommune": str}, index_col="id"
    )
    areas["typ"] = pd.read_csv(REGION / "wahrheit.csv", sep=";", index_col="id")["typ"]
    areas["kuerzel"] = areas.index.str.split(" ").str[0]
    people, rates = wahrheit.einwohner(areas), wahrheit.raten(areas)
    return {
        day: zaehlungen.zaehle(
            areas,
            people[day],
            rates[day],
            zaehlungen.Ziehung(np.random.default_rng([plan.SAAT, 5, int(day[:4])])),
        )
        for day in plan.STICHTAGE
    }


def ziele(inside: store.Daten, public: store.Daten) -> tuple[pd.DataFrame, pd.DataFrame]:
    """What must stay hidden from an audience, and what it costs: as stored for the public, else worked out here."""
    if public.audience == "oeffentlich":
        return inside.schutz("ziele"), inside.schutz("bilanz")
    areas = pd.concat([inside.verzeichnis(level) for level in ("region", "kommune", "sozialraum")])
    all_see = store.load(inside.region, "oeffentlich").werte(level=None)
    found = geheimhaltung.schuetze(
        inside.werte(level=None), areas, lade_katalog(inside.region), inside.region.seite.sperrprofile,
        public.audience, merkmale=inside.merkmale(), oeffentliche=all_see,
    )  # fmt: skip
    return found.ziele, found.bilanz


@contextlib.contextmanager
def gelegt(public: store.Daten) -> Iterator[Path]:
    """A few pages of each kind, made in this process."""
    from seitenlauf import lege_seite

    os.environ |= {"SOZIALANALYSE_REGION": str(public.region.ordner), "SOZIALANALYSE_STATISCH": "1"}
    matrix = public.matrix()
    area, kommune = matrix.index[0], str(public.kommune().iloc[0])
    wanted = [("atlas", {"indikator": str(key)}) for key in matrix.columns[:4]]
    wanted += [("kommunalprofil", {"kommune": kommune}), ("sozialraumprofil", {"sozialraum": area})]
    with tempfile.TemporaryDirectory() as folder:
        for number, (notebook, values) in enumerate(wanted):
            try:
                lege_seite(
                    public,
                    Path(folder),
                    notebook,
                    f"seite-{number}",
                    papier=True,
                    audience=public.audience,
                    **values,
                )
            except SozialanalyseFehler as error:
                print(f"{notebook}: {error}", file=sys.stderr)
        yield Path(folder)


def lies(attacker: Leser, folder: Path, je_art: int | None) -> tuple[object, Counter[str]]:
    """A reader who has read so many pages of each kind, and how many files they were."""
    reader, kinds, seen = attacker.leser(), Counter[str](), defaultdict[tuple[str, str], int](int)
    for path in oeffentliche_seiten(folder):
        kind = path.relative_to(folder).parts[0], path.suffix
        if je_art is None or seen[kind] < je_art:
            seen[kind] += 1
            kinds[path.suffix] += 1
            reader.lies(path)
    return reader.miss(), kinds


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--region", type=Path, default=REGION)
    parser.add_argument("--audience", default="oeffentlich")
    parser.add_argument("--ergebnisse", type=Path, help="Ordner der fertigen Seiten")
    parser.add_argument("--je-art", type=int, help="nur so viele Seiten jeder Art")
    parser.add_argument(
        "--ziele", type=int, help="nur so viele geschützte Zahlen je Stichtag, zufällig gewählt"
    )
    parser.add_argument("--seiten", action="store_true", help="einige Seiten selbst legen")
    given = parser.parse_args()
    inside, public = store.load(given.region, "intern"), store.load(given.region, given.audience)
    goals, cost = ziele(inside, public)
    attacker = Leser(inside, public, gezogen() if given.region.resolve() == REGION else {}, goals)
    start = time.process_time()
    made = gelegt(public) if given.seiten else contextlib.nullcontext(
        given.ergebnisse or settings.ergebnisordner(given.region, inside.region.id, given.audience)
    )  # fmt: skip
    with made as folder:
        reader, kinds = lies(attacker, folder, given.je_art)
    files = ", ".join(f"{n} {kind}" for kind, n in kinds.items())
    print(
        f"{inside.region.name}, {given.audience}: {files}; gelesen in {time.process_time() - start:.0f} s\n"
    )
    print(
        "| date | values | hidden by rules | with secondary | numbers understood | not understood | sums found "
        "| attacked | printed | recovered | narrowed | narrowest / width | s |\n|---|" + "---:|" * 12
    )
    bad = 0
    for tag in inside.stichtage:
        clock = time.process_time()
        found = attacker.urteile(reader, tag, hoechstens=given.ziele)
        bad += len(found.verraten) + len(found.zu_eng)
        own = (
            cost[cost["stichtag"] == tag]
            if len(cost)
            else pd.DataFrame(columns=["zellen", "primaer", "sekundaer"])
        )
        cells, first, second = (int(own[name].sum()) for name in ("zellen", "primaer", "sekundaer"))
        print(
            f"| {tag} | {cells} | {first} | {first + second} | {found.gelesen} | {len(found.fremd)} | {found.summen} | {found.ziele} "
            f"| {len(found.verraten)} | {found.genau} | {len(found.zu_eng)} | {found.engste:.2f} | {time.process_time() - clock:.0f} |",
            flush=True,
        )
        for line in [*map(str, found.verraten[:5]), *found.zu_eng[:10]]:
            print("   ", line)
        strange = Counter((one.indikator, one.groesse) for one in found.fremd).most_common(5)
        print("    nicht verstanden:", strange, [str(one) for one in found.fremd[:3]], file=sys.stderr)
    print(f"\n{time.process_time() - start:.0f} s (Prozessor)")
    sys.exit(1 if bad else 0)


if __name__ == "__main__":
    main()
