"""What every kernel reads before it shows anything, read ahead; imported by the warm parent."""

from __future__ import annotations

from sozialanalyse.present import formats
from sozialanalyse.texts import text

text("publish.nav_index")
formats.zahl(0)
formats.datum("2000-01-01")
