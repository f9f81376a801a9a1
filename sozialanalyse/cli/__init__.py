"""Command line: every job of the workbench, in German, exit code 0 only when all of it is done."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Sequence

from sozialanalyse.base import PruefFehler, SozialanalyseFehler
from sozialanalyse.cli.argumente import deutsch, lies, parser
from sozialanalyse.cli.ausgabe import zeige_befunde

__all__ = ["lies", "main", "parser"]

ABGEBROCHEN = 141
"""Exit code where the reader of the output is gone: the one a shell gives a program ended by SIGPIPE."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit code."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # a narrow character set must not stop the work
            stream.reconfigure(errors="replace")
    with deutsch():
        arguments = lies(argv)
    try:
        code = int(arguments.befehl(arguments))
        sys.stdout.flush()
        return code
    except BrokenPipeError:  # whoever read along has seen enough, as in „sozialanalyse snapshots | head -1“
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # what is still to be written at the end goes nowhere
        return ABGEBROCHEN
    except PruefFehler as error:
        zeige_befunde(error.befunde)
        return 1
    except SozialanalyseFehler as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print(
            "Abgebrochen. Fertige Berichte bleiben erhalten; ein neuer Aufruf macht weiter.", file=sys.stderr
        )
        return 130
