"""Many regions at random, with a report: ``python tests/zufall --von 0 --zahl 500 --bericht bericht.md``."""

from __future__ import annotations

import argparse
import gc
import re
import shutil
import tempfile
import time
from collections import defaultdict
from pathlib import Path

import kreis
import lauf
import regeln


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--von", type=int, default=0, help="erste Saat")
    parser.add_argument("--zahl", type=int, default=20, help="wie viele Regionen")
    parser.add_argument(
        "--je", type=int, default=1, help="Läufe je Notebook und Zielgruppe neben der Gesamtseite"
    )
    parser.add_argument(
        "--knapp",
        action="store_true",
        help="je Notebook nur ein Lauf für eine Zielgruppe, mit der Saat wechselnd",
    )
    parser.add_argument("--bericht", type=Path, help="Datei des Berichts, sonst nur auf dem Bildschirm")
    parser.add_argument(
        "--ordner", type=Path, help="hier bleiben die Regionen liegen, an denen etwas auffiel"
    )
    given = parser.parse_args()
    began, pages, lines = time.monotonic(), 0, []
    kinds: dict[str, list[int]] = defaultdict(list)
    examples: dict[str, str] = {}
    for seed in range(given.von, given.von + given.zahl):
        start = time.process_time()
        drawn = kreis.ziehe(seed)
        folder = Path(tempfile.mkdtemp(prefix=f"zufall-{seed}-"))
        result = lauf.gehe(drawn, folder, je_notebook=given.je, knapp=given.knapp)
        broken = regeln.pruefe(result)
        pages += len(result.seiten)
        for what in broken:
            kind = re.sub(r"\d+", "0", re.sub(r"[„'\"(\[].*", "", what))[:70] if "[" not in what else what
            kinds[kind].append(seed)
            examples.setdefault(kind, f"{seed}: {what}")
        lines.append(f"{seed}: {drawn.kurz()}; {len(result.seiten)} Seiten, {time.process_time() - start:.1f} s"
                     + (f"; {len(broken)} Verstöße" if broken else ""))  # fmt: skip
        print(lines[-1], *(f"    {what}" for what in broken), sep="\n", flush=True)
        if broken and given.ordner:
            shutil.copytree(folder, given.ordner / str(seed), dirs_exist_ok=True)
        shutil.rmtree(folder, ignore_errors=True)
        regeln._text.cache_clear()
        gc.collect()
    report = [
        "# Regionen auf Zufall", "",
        f"{given.zahl} Regionen (Saat {given.von} bis {given.von + given.zahl - 1}), {pages} Seiten, "
        f"{time.monotonic() - began:.0f} s. Regeln: {', '.join(rule.__name__ for rule in regeln.REGELN)}.",
        "", f"Regionen mit Verstoß: {len({seed for seeds in kinds.values() for seed in seeds})}.", "",
        *(f"- {len(set(seeds))} × {examples[kind]}" for kind, seeds in sorted(kinds.items(), key=lambda item: -len(item[1]))),
        "", "## Die Regionen", "", *(f"- {line}" for line in lines), "",
    ]  # fmt: skip
    if given.bericht:
        given.bericht.write_text("\n".join(report), encoding="utf-8")
    print("\n".join(report[: 8 + len(kinds)]))
    return 1 if kinds else 0


if __name__ == "__main__":
    raise SystemExit(main())
