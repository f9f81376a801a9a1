"""Compute the reference numbers of types and indices again: ``python tests/referenz/referenz_clusters.py``.

Installs R and the packages from Debian if they are missing (root needed) and runs
``referenz_clusters.R``, which writes ``referenz_clusters.csv`` and the data sets in
``daten_clusters``. The tests read those and need no R.
"""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

HERE = Path(__file__).parent
PACKAGES = ("cluster", "fpc", "mclust", "car", "psych")


def installed() -> bool:
    """Whether R and every package are there."""
    if shutil.which("Rscript") is None:
        return False
    wanted = ", ".join(f"'{name}'" for name in PACKAGES)
    check = f"quit(status = !all(sapply(c({wanted}), requireNamespace, quietly = TRUE)))"
    return subprocess.run(["Rscript", "-e", check], check=False).returncode == 0


def main() -> None:
    """Install what is missing and write the table."""
    if not installed():
        names = ["r-base-core", *(f"r-cran-{name}" for name in PACKAGES)]
        subprocess.run(["apt-get", "install", "-y", "--no-install-recommends", *names], check=True)
    subprocess.run(["Rscript", str(HERE / "referenz_clusters.R"), str(HERE)], check=True)


if __name__ == "__main__":
    main()
