"""``python -m sozialanalyse.cli``."""

from sozialanalyse.cli import main

raise SystemExit(main())
