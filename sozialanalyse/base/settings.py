"""Where things lie: the region folder, the stored snapshots, the results.

Environment variables: ``SOZIALANALYSE_REGION`` names the region folder, ``SOZIALANALYSE_DATEN`` the
folder that holds ``bestand`` and ``ergebnisse`` (default: the folder above the region folder),
``SOZIALANALYSE_SPEICHER_MB`` how much memory a single kernel may take.
"""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from urllib.parse import quote, unquote

from sozialanalyse.base.errors import LaufFehler, RegionFehler

VERSION = "0.1.0"
"""Version of the package; a test compares it with pyproject.toml."""

ERGEBNIS = "application/vnd.sozialanalyse.ergebnis+json"
"""Kind of output by which a report hands its key results to the record of its run."""


def projektordner() -> Path:
    """Folder that holds ``notebooks``: here or above.

    Raises
    ------
    LaufFehler
        If there is none.
    """
    for base in [Path.cwd(), *Path.cwd().parents, Path(__file__).parents[2]]:
        if (base / "notebooks").is_dir():
            return base
    raise LaufFehler("Den Ordner notebooks gibt es hier nicht. Bitte im Projektordner aufrufen.")


def regionsordner(angabe: str | Path | None = None) -> Path:
    """Region folder: as given, from the environment, or the only one below ``data``.

    Raises
    ------
    RegionFehler
        If none or several are found.
    """
    named = angabe or os.environ.get("SOZIALANALYSE_REGION")
    if named:
        return Path(named)
    for base in [Path.cwd(), *Path.cwd().parents]:
        found = sorted(page.parent for page in (base / "data").glob("*/region.yml"))
        if len(found) == 1:
            return found[0]
        if found:
            names = ", ".join(str(path) for path in found)
            raise RegionFehler(f"Es gibt mehrere Regionsordner ({names}). Bitte einen mit --region nennen.")
    raise RegionFehler(
        "Kein Regionsordner gefunden. Bitte mit --region nennen oder mit „sozialanalyse init ORDNER“ anlegen."
    )


def datenordner(region: Path) -> Path:
    """Folder that holds ``bestand`` and ``ergebnisse``."""
    named = os.environ.get("SOZIALANALYSE_DATEN")
    return Path(named) if named else region.resolve().parent


def audience_name(audience: str) -> str:
    """An audience as the name of a folder or of a part of a file, whatever signs the id of its Kommune has.

    ``kommune:05/9`` is ``kommune-05=2F9``; :func:`audience_of` gives it back.
    """
    kind, colon, key = audience.partition(":")
    return f"{kind}-{quote(key, safe='').replace('%', '=')}" if colon else kind


def audience_of(name: str) -> str:
    """The audience a folder is named after."""
    kind, dash, key = name.partition("-")
    return f"{kind}:{unquote(key.replace('=', '%'))}" if dash else kind


def bestandsordner(region: Path, kennung: str) -> Path:
    return datenordner(region) / "bestand" / kennung


def protokollordner(region: Path, kennung: str) -> Path:
    """Folder of the protocols that suppliers get about their deliveries."""
    return datenordner(region) / "pruefprotokolle" / kennung


def zwischenordner(region: Path, kennung: str, audience: str) -> Path:
    """Folder of kept results; one per audience, because results hold what the audience may see."""
    return datenordner(region) / "zwischenspeicher" / kennung / audience_name(audience)


def nachfrageordner(region: Path, kennung: str, audience: str) -> Path:
    """Folder of the pages somebody asked the service for; one per audience."""
    return datenordner(region) / "nachfrage" / kennung / audience_name(audience)


def eigener_ordner(ordner: Path) -> Path:
    """Make a folder that only its owner may look into, whatever the umask; returns it.

    One that is there already is closed to other accounts; rights of its group stay.
    """
    ordner.parent.mkdir(parents=True, exist_ok=True)
    ordner.mkdir(mode=0o700, exist_ok=True)
    mode = ordner.stat().st_mode
    if mode & 0o007 and os.name != "nt":
        with suppress(PermissionError):  # of another account: "serve" says so
            ordner.chmod(mode & 0o770)
    return ordner


def sync_folder(ordner: Path) -> None:
    """Make renames within a folder last, where the system can."""
    with suppress(OSError):
        handle = os.open(ordner, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def registerordner(region: Path, kennung: str) -> Path:
    """Folder of the register of publications."""
    return datenordner(region) / "veroeffentlichungen" / kennung


def vorhabenordner(region: Path, kennung: str) -> Path:
    """Folder of the history of the register of projects; only its owner may look into it."""
    return datenordner(region) / "vorhaben" / kennung


def ergebnisordner(region: Path, kennung: str, audience: str = "") -> Path:
    """Folder of the results, with a folder for each audience; or that folder."""
    return datenordner(region) / "ergebnisse" / kennung / audience_name(audience)


def speichergrenze() -> int:
    """Bytes of private memory a single kernel may take.

    Raises
    ------
    RegionFehler
        If the environment variable is no whole number.
    """
    named = os.environ.get("SOZIALANALYSE_SPEICHER_MB", "4096")
    if not named.isdecimal():
        raise RegionFehler(
            f"SOZIALANALYSE_SPEICHER_MB ist „{named}“. Erwartet wird eine ganze Zahl, zum Beispiel 4096."
        )
    return int(named) * 2**20
