"""How long a plan for KomMonitor takes beyond the time of the server, and how much memory, against the fake.

First the comparison alone, levels x areas x indicators, then the whole command on a copy of the shipped region with all
its indicators, types, indices and twins (it is built first, which is not measured):

python benchmarks/kommonitor.py
python benchmarks/kommonitor.py --levels 10 --areas 93 --indicators 60 --dates 5
"""

from __future__ import annotations

import argparse
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "kommonitor"))

from kommonitor_fake import Fake, gebiet, viereck
from oidc_fake import Oidc

from sozialanalyse.austausch import planseite
from sozialanalyse.kommonitor import Dienstkonto, Rechte, Verbindung, Vorhaben
from sozialanalyse.kommonitor import plan as p
from sozialanalyse.kommonitor.anmeldung import GEHEIMNIS
from sozialanalyse.region import lade_region
from sozialanalyse.store import load


class Gemessen(Fake):
    """The fake, with the seconds it works itself."""

    sekunden = 0.0

    def antworte(self, *arguments):  # type: ignore[no-untyped-def]
        begin = time.thread_time()
        try:
            return super().antworte(*arguments)
        finally:
            self.sekunden += time.thread_time() - begin


ANGABEN = """\
adresse: {adresse}
anmeldung: {{aussteller: {aussteller}, dienst: nacht}}
ebenen: {{sozialraum: Sozialräume, kommune: Gemeinden}}
schreiben: {{eigentuemer: Amt, thema: Thema, kontakt: Amt, typen: true, indizes: true, zwillinge: true, teilung: true, indikatoren: [{indikatoren}]}}
"""
VERTRAG = """\
titel: Vereinbarung
vom: 2020-01-01
einheiten:
  - {id: planung, name: Amt, zielgruppe: intern, kommonitor: Amt}
  - {id: stadt, name: Stadt, kommonitor: Stadt}
rechte:
  - {einheiten: [stadt, oeffentlichkeit]}
  - {einheiten: [planung], darf: [sehen, veroeffentlichen]}
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    for name, number in (("levels", 10), ("areas", 93), ("indicators", 60), ("dates", 5)):
        parser.add_argument(f"--{name}", type=int, default=number)
    parser.add_argument("--region", default="data/staedteregion-aachen", help="whose name stands on the page")
    size = parser.parse_args()
    login = Oidc()
    login.dienste = {"nacht": ("x", ["/Amt"], ["Amt.client-resources-creator"])}
    compare(size, login)
    whole(Path(size.region), login)
    login.close()


def compare(size: argparse.Namespace, login: Oidc) -> None:
    """Plan from values that are known, against a server that holds as many."""
    days = [f"{2024 - i}-12-31" for i in range(size.dates)]
    ids = [f"G {i}" for i in range(size.areas)]
    with Gemessen("5.2", login.pruefe) as fake:
        owner = fake.unit("Amt")
        topic = fake.topic("Thema")
        levels = [
            fake.level(f"Ebene {n}", [gebiet(key, key, viereck(i)) for i, key in enumerate(ids)], owner=owner)
            for n in range(size.levels)
        ]
        rights = Rechte(owner, frozenset(), False)
        for n in range(size.indicators):
            rows = {key: {day: float(i + n) for day in days} for i, key in enumerate(ids)}
            fake.indicator(
                f"I {n}",
                owner=owner,
                topic=topic,
                public=False,
                tags=["sozialanalyse"],
                series=dict.fromkeys(levels, rows),
            )
        with Verbindung(fake.adresse, Dienstkonto(login.adresse, "nacht", "x")) as server:
            there = {level.id: level for level in server.ebenen()}
            listed = {one["indicatorName"]: p.angaben(one) for one in server.indikatoren()}
            fake.sekunden, clock, cpu = 0.0, time.perf_counter(), time.process_time()
            wishes = [
                Vorhaben(listed[f"I {n}"], rights, tuple((there[level], {key: {day: float(i + n + 1) for day in days} for i, key in enumerate(ids)}, rights) for level in levels))
                for n in range(size.indicators)
            ]  # fmt: skip
            plan = p.plane(server, wishes, bestand="b")
            with tempfile.TemporaryDirectory() as folder:
                p.schreibe(plan, Path(folder) / "plan.json")

                region = lade_region(size.region)
                planseite.schreibe(plan, region, Path(folder) / "plan.html")
                again = p.lies(Path(folder) / "plan.json").schluessel == plan.schluessel
            clock, cpu = time.perf_counter() - clock, time.process_time() - cpu
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000
    pairs, values = size.levels * size.indicators, size.levels * size.indicators * size.areas * size.dates
    print(f"{pairs} pairs of indicator and level, {values} values, read back equal: {again}")
    print(
        f"clock {clock:.1f} s, processor {cpu:.1f} s, of these the server {fake.sekunden:.1f} s, so the plan {cpu - fake.sekunden:.1f} s; peak {memory:.0f} MB"
    )


def whole(region: Path, login: Oidc) -> None:
    """``sozialanalyse kommonitor plan`` as somebody would type it, twice: the second finds its results kept."""
    with tempfile.TemporaryDirectory() as folder, Gemessen("5.2", login.pruefe) as fake:
        here = Path(folder) / region.name
        shutil.copytree(region, here)
        tool = [sys.executable, "-m", "sozialanalyse.cli"]
        environment = os.environ | {"SOZIALANALYSE_DATEN": f"{folder}/daten", GEHEIMNIS: "x"}
        (here / "vereinbarung.yml").write_text(VERTRAG, encoding="utf-8")
        subprocess.run(
            [*tool, "build", "--region", str(here)], env=environment, check=True, capture_output=True
        )
        os.environ["SOZIALANALYSE_DATEN"] = f"{folder}/daten"
        data = load(here, "intern")
        owner, _, _ = fake.unit("Amt"), fake.unit("Stadt"), fake.topic("Thema")
        for level, name in (("sozialraum", "Sozialräume"), ("kommune", "Gemeinden")):
            keys = data.verzeichnis(level).index
            fake.level(name, [gebiet(key, key, viereck(i)) for i, key in enumerate(keys)], owner=owner)
        wanted = list(data.indikatoren().index)
        (here / "kommonitor.yml").write_text(ANGABEN.format(adresse=fake.adresse, aussteller=login.adresse, indikatoren=", ".join(wanted)), encoding="utf-8")  # fmt: skip
        print(f"whole command: {len(data.verzeichnis('kommune'))} Kommunen, {len(data.verzeichnis())} areas, {len(wanted)} indicators, {len(data.stichtage)} dates")  # fmt: skip
        for run in ("first", "second"):
            fake.sekunden, clock = 0.0, time.perf_counter()
            process = subprocess.Popen([*tool, "kommonitor", "plan", "--nachts", "--region", str(here)], env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)  # fmt: skip
            assert process.stderr is not None
            told = process.stderr.read()
            _, code, used = os.wait4(process.pid, 0)
            if code:
                sys.exit(told.decode())
            clock = time.perf_counter() - clock
            print(f"{run}: clock {clock:.1f} s, processor {used.ru_utime + used.ru_stime:.1f} s, beside it the server {fake.sekunden:.1f} s; peak {used.ru_maxrss / 1000:.0f} MB")  # fmt: skip


if __name__ == "__main__":
    main()
