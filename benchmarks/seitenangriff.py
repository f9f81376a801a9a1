"""Attack the finished public results of the shipped region: every page, workbook and CSV file.

    python benchmarks/seitenangriff.py [--ergebnisse FOLDER] [--je-art 3]

Needs `sozialanalyse build` and `sozialanalyse run`. Reads what a visitor can open (tables, tooltips,
descriptions, attributes, comments, hidden sheets), keeps every number with the interval its rounding leaves,
assumes at worst that the number of cases without an area is known, and asks linear programs how far every
protected count can be narrowed. Shares no code with the protection (tests/geheimhaltung). Exit code 1 if a
hidden number is printed or narrowed below its width.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter, defaultdict
from pathlib import Path

import numpy as np
import pandas as pd

ROOT = Path(__file__).parents[1]
REGION = ROOT / "data" / "staedteregion-aachen"
sys.path[:0] = [str(ROOT / "tests" / "geheimhaltung"), str(REGION / "erzeuger")]

from leser import Leser, oeffentliche_seiten  # noqa: E402

from sozialanalyse import settings, store  # noqa: E402


def gezogen() -> dict[str, pd.DataFrame]:
    """Counts behind the deliveries, also those that suppliers hide."""
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


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--region", type=Path, default=REGION)
    parser.add_argument("--ergebnisse", type=Path, help="Ordner der fertigen Seiten")
    parser.add_argument("--je-art", type=int, help="nur so viele Seiten jeder Art")
    given = parser.parse_args()
    inside, public = store.load(given.region, "intern"), store.load(given.region, "oeffentlich")
    folder = given.ergebnisse or settings.ergebnisordner(given.region, inside.region.id, "oeffentlich")
    attacker = Leser(inside, public, gezogen())
    reader, kinds, seen = attacker.leser(), Counter(), defaultdict(int)
    start = time.process_time()
    for path in oeffentliche_seiten(folder):
        kind = path.relative_to(folder).parts[0], path.suffix
        if given.je_art is None or seen[kind] < given.je_art:
            seen[kind] += 1
            kinds[path.suffix] += 1
            reader.lies(path)
    print(
        f"{', '.join(f'{n} {kind}' for kind, n in kinds.items())}; gelesen in {time.process_time() - start:.0f} s (Prozessor)\n"
    )
    print(
        "| date | numbers understood | not understood | protected counts | printed | too narrow | narrowest / width |"
    )
    print("|---|---:|---:|---:|---:|---:|---:|")
    bad = 0
    for tag in inside.stichtage:
        found = attacker.urteile(reader, tag)
        bad += len(found.verraten) + len(found.zu_eng)
        print(f"| {tag} | {found.gelesen} | {len(found.fremd)} | {found.ziele} | {len(found.verraten)} | "
              f"{len(found.zu_eng)} | {found.engste:.2f} |", flush=True)  # fmt: skip
        for line in [*map(str, found.verraten[:5]), *found.zu_eng[:10]]:
            print("   ", line)
        kinds_of_wrong = Counter((one.indikator, one.groesse) for one in found.fremd)
        print(
            "    nicht verstanden:",
            kinds_of_wrong.most_common(5),
            [str(one) for one in found.fremd[:3]],
            file=sys.stderr,
        )
    print(f"\n{time.process_time() - start:.0f} s (Prozessor)")
    sys.exit(1 if bad else 0)


if __name__ == "__main__":
    main()
