"""Starts the service as the command does, with the project's own notebooks and the bounds of a test."""

from __future__ import annotations

import json
import sys
from functools import partial

from sozialanalyse import serve
from sozialanalyse.serve import dienst

if __name__ == "__main__":
    order = json.loads(sys.argv[1])
    dienst.starte = partial(dienst.starte, grenzen=serve.Grenzen(**order["grenzen"]))  # type: ignore[assignment]
    serve.serve(
        order["region"],
        port=order["port"],
        ip="127.0.0.1",
        audience=order.get("audience", "oeffentlich"),
        browser=False,
    )
