"""Files for the machine that serves the pages: nginx, systemd, JupyterHub, with this installation's paths."""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass, replace
from importlib.resources import files
from pathlib import Path
from typing import Literal

from jinja2 import Environment, StrictUndefined

from sozialanalyse.base import SozialanalyseFehler, settings, text
from sozialanalyse.publish import Rahmen, ganze_seite
from sozialanalyse.serve import headers
from sozialanalyse.serve.limits import Grenzen

KOPFZEILEN = {name: value for name, value in headers.ALLE.items() if name != "Server"}


class EinrichtungFehler(SozialanalyseFehler):
    """The files cannot be written with these details."""


@dataclass(frozen=True)
class Einrichtung:
    """Everything the files name; the defaults are those of Debian."""

    ordner: Path
    """Where the files are written and the waiting page stays."""
    name: str
    """Host name."""
    projekt: Path
    region: Path
    daten: Path
    ergebnisse: Path
    """Folder of the finished pages for everybody."""
    audience: str = "oeffentlich"
    anmeldung: Literal["schluessel", "proxy"] = "schluessel"
    """Who checks readers of closed pages: the service by its key, or the proxy (OpenID Connect)."""
    zertifikat: str = ""
    schluessel: str = ""
    ports: tuple[int, int] = (8866, 8867)
    http: int = 80
    https: int = 443
    hub: int = 8000
    ipv6: bool = True
    benutzer: str = "sozialanalyse"
    pruefer: str = "http://127.0.0.1:4180"
    """Address of oauth2-proxy or another program that answers ``/oauth2/auth``."""
    protokolle: str = "/var/log/nginx"
    nachweis: str = "/var/www/html"
    """Folder in which certbot proves that the machine has this name."""
    zwischen: str = ""
    geheimnis: str = ""
    umgebung: str = ""
    speicher_mb: int = 6144
    kopfzeilen: tuple[tuple[str, str], ...] = tuple(KOPFZEILEN.items())

    @property
    def kennung(self) -> str:
        """Name of unit, upstream and logs."""
        if self.audience == "oeffentlich":
            return "sozialanalyse"
        return f"sozialanalyse_{settings.audience_name(self.audience).replace('-', '_', 1)}"


def schreibe(einrichtung: Einrichtung, rahmen: Rahmen) -> list[Path]:
    """Write all files and return them.

    Parameters
    ----------
    rahmen
        Frame of the waiting page that nginx shows while no service answers.

    Raises
    ------
    EinrichtungFehler
        If a name or path would break the files.
    """
    e = einrichtung
    if not re.fullmatch(r"[A-Za-z0-9.-]+", e.name):
        raise EinrichtungFehler(text("serve.einrichtung.name", name=e.name))
    for path in (e.ordner, e.projekt, e.region, e.daten, e.ergebnisse):
        if re.search(r"""[\s;{}"'$\\%]""", str(path)):
            raise EinrichtungFehler(text("serve.einrichtung.pfad", pfad=str(path)))
    if e.anmeldung == "proxy" and e.audience == "oeffentlich":
        raise EinrichtungFehler(text("serve.einrichtung.anmeldung"))
    e = replace(
        e,
        zwischen=e.zwischen or f"/var/cache/nginx-{e.kennung}",
        geheimnis=e.geheimnis or f"/etc/{e.kennung}/schluessel.conf",
        umgebung=e.umgebung or f"/etc/{e.kennung}/umgebung",
    )
    more = {"kennung": e.kennung, "abschied": round(Grenzen().abschied) + 60, "kopfzeilen": dict(e.kopfzeilen),
            "programm": Path(sys.executable).with_name("sozialanalyse"), "bin": Path(sys.executable).parent,
            "kerne": Path(sys.prefix) / "share" / "jupyter" / "kernels"}  # fmt: skip
    details = {**vars(e), **more}
    names = {"nginx.conf": f"{e.kennung}.nginx.conf", "dienst.service": f"{e.kennung}@.service", "wechseln.sh": "wechseln.sh"}  # fmt: skip
    if e.audience == "intern":
        names["jupyterhub_config.py"] = "jupyterhub_config.py"
    e.ordner.mkdir(parents=True, exist_ok=True)
    environment = Environment(undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=True)  # fmt: skip
    written = []
    for template, name in names.items():
        source = files(__package__).joinpath("vorlage", "betrieb", f"{template}.j2")
        content = environment.from_string(source.read_text(encoding="utf-8")).render(e=details)
        written.append(e.ordner / name)
        written[-1].write_text(content, encoding="utf-8")
    (e.ordner / "wechseln.sh").chmod(0o755)
    written.append(e.ordner / "warten.html")
    written[-1].write_text(_warten(rahmen), encoding="utf-8")
    return written


def _warten(rahmen: Rahmen) -> str:
    """The waiting page of nginx; it loads itself anew and names the way to the finished reports."""
    content = (
        f'<section class="sa sv-seite"><h1>{text("serve.warten.kurz")}</h1><p>{text("serve.warten.gestoert")}</p>'
        f'<ul><li><a href="/">{text("serve.fehler.start")}</a></li></ul></section>'
    )
    page = ganze_seite(content, replace(rahmen, titel=text("serve.warten.kurz"), wurzel="/berichte/"))
    return page.replace("<title>", '<meta http-equiv="refresh" content="20">\n<title>', 1)
