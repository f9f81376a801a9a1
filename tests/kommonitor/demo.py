"""The whole way on an invented KomMonitor: start it, found a region from it, fetch, build, plan, write types back, take back."""

from __future__ import annotations

import re
import shutil
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from kommonitor_fake import Fake
from kommonitor_kreis import fuelle
from oidc_fake import Oidc

from sozialanalyse import cli
from sozialanalyse.kommonitor import anmeldung

ANGABEN = """
anmeldung: {{aussteller: {aussteller}, dienst: nacht}}
schreiben:
  eigentuemer: Sozialplanung
  thema: Soziale Lage
  kontakt: Sozialplanung
  praefix: "Werkbank: "
  typen: true
"""
VEREINBARUNG = """\
titel: Vereinbarung über die gemeinsame Nutzung (erfunden)
vom: 2020-01-01
einheiten:
  - {id: planung, name: Sozialplanung, zielgruppe: intern, kommonitor: Sozialplanung}
  - {id: ahausen, name: Stadt Ahausen, kommonitor: Stadt Ahausen}
rechte:
  - {einheiten: [ahausen, oeffentlichkeit]}
  - {einheiten: [planung], darf: [sehen, veroeffentlichen]}
"""


KOMMUNEN = 5
VON_HAND = """
Von Hand ergänzt, wie es die Anleitung zeigt: Name und Schlüssel in region.yml, Quelle auf der Datensatzseite,
„anmeldung“ und „schreiben“ in kommonitor.yml, Rechte in vereinbarung.yml."""


def main(ordner: Path, generation: str = "5.2") -> int:
    """Returns 0 if every step was done."""
    import os

    login = Oidc()
    login.dienste = {
        "nacht": ("demo-geheimnis", ["/Sozialplanung"], ["Sozialplanung.client-resources-creator"])
    }
    os.environ[anmeldung.GEHEIMNIS] = "demo-geheimnis"
    os.environ["SOZIALANALYSE_DATEN"] = str(ordner / "daten")
    region = ordner / "kreis"
    here = ["--region", str(region)]
    with Fake(generation, login.pruefe) as fake:
        fuelle(fake, kommunen=KOMMUNEN, je=8)
        print(f"Ein erfundenes KomMonitor {generation} antwortet unter {fake.adresse}", flush=True)
        steps: list[list[str]] = [["init", str(region), "--kommonitor", fake.adresse]]
        if code := run(steps):
            return code
        for path, pairs in (
            (region / "region.yml", {"name: <.*": "name: Kreis Erfunden", "herausgeber: <.*": "herausgeber: Kreis Erfunden", "schluessel_region: <.*": 'schluessel_region: "05999"', "synthetisch: false": "synthetisch: true", "^bevoelkerung: .*": "bevoelkerung: ''"}),
            (region / "indikatoren" / "soziale_lage.yml", {"<wer .*?>": "KomMonitor", "<Bedingungen .*?>": "erfunden"}),
        ):  # fmt: skip
            content = path.read_text(encoding="utf-8")
            for pattern, line in pairs.items():
                content = re.sub(pattern, line, content, flags=re.MULTILINE)
            path.write_text(content, encoding="utf-8")
        with (region / "kommonitor.yml").open("a", encoding="utf-8") as file:
            file.write(ANGABEN.format(aussteller=login.adresse))
        (region / "vereinbarung.yml").write_text(VEREINBARUNG, encoding="utf-8")
        print(VON_HAND, flush=True)
        if code := run(
            [["holen", *here, "--nachts"], ["build", *here], ["kommonitor", "plan", *here, "--nachts"]]
        ):
            return code
        from sozialanalyse.austausch.vorgaenge import PLAN, SEITE
        from sozialanalyse.austausch.vorgaenge import ordner as planordner
        from sozialanalyse.kommonitor import plan
        from sozialanalyse.region import lade_region

        there = planordner(lade_region(region))
        key, shown = plan.lies(there / PLAN).schluessel[:16], ordner / "plan-vor-dem-schreiben.html"
        shutil.copy(there / SEITE, shown)
        verbs = (["apply", key], ["plan"], ["zurueck", key])
        code = run([["kommonitor", *verb, *here, "--nachts"] for verb in verbs])
        print(
            f"\nWas vor dem Schreiben gezeigt wurde, steht in {shown}; der Ordner {ordner} darf danach weg."
        )
    login.close()
    return code


def run(steps: list[list[str]]) -> int:
    for step in steps:
        print(f"\n$ sozialanalyse {' '.join(step)}", flush=True)
        if code := cli.main(step):
            return code
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(tempfile.mkdtemp(prefix="kommonitor-demo-")), *sys.argv[1:2]))
