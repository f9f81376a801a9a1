"""Compute the reference numbers of gradient and trend again: ``python tests/referenz/referenz_disparity.py``.

Runs ``referenz_disparity.R``, which needs base R only. ``daten_disparity/sii*.csv`` are inputs and results
published with the package PHEindicatormethods of the English health agency, ``pisa2018.csv`` the scores and
standard errors that the OECD published, on which Mogstad et al. (2023) show their confidence sets.
"""

from __future__ import annotations

import subprocess
from pathlib import Path

HERE = Path(__file__).parent

if __name__ == "__main__":
    subprocess.run(["Rscript", str(HERE / "referenz_disparity.R"), str(HERE)], check=True)
