"""Structured log: one JSON object per line, never a value of the data.

Own events name what happened and where. Of foreign records only the level and the place in code are
kept, of exceptions the type and the places: texts of errors, cells and outputs may quote small
numbers, libraries put them into their messages, so no foreign message is written.
"""

from __future__ import annotations

import json
import logging
import sys
import traceback
from datetime import UTC, datetime

from tornado.web import RequestHandler

from sozialanalyse.serve import metrics

EREIGNIS = "sozialanalyse.serve"
_log = logging.getLogger(EREIGNIS)


class Logzeile(logging.Formatter):
    """Formats a record as one line of JSON."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        entry: dict[str, object] = {
            "zeit": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "stufe": record.levelname.lower(),
            "ereignis": str(record.msg) if record.name == EREIGNIS else "bibliothek",
            **getattr(record, "angaben", {}),
        }
        if record.name != EREIGNIS:
            entry["ort"] = f"{record.module}.{record.funcName}:{record.lineno}"
        if record.exc_info and record.exc_info[0]:
            entry["fehler"] = record.exc_info[0].__name__
            frames = traceback.extract_tb(record.exc_info[2])[-4:]
            entry["orte"] = [f"{frame.filename.rsplit('/', 1)[-1]}:{frame.lineno}" for frame in frames]
        return json.dumps(entry, ensure_ascii=False)


def ereignis(name: str, /, stufe: int = logging.INFO, **angaben: object) -> None:
    """Log one event of the service; ``angaben`` hold no text of a visitor and no value."""
    metrics.zaehle(name, angaben)
    _log.log(stufe, name, extra={"angaben": angaben})


def einrichten() -> None:
    """Send all logging to standard error in this form."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(Logzeile())
    logging.basicConfig(handlers=[handler], level=logging.WARNING, force=True)
    _log.setLevel(logging.INFO)
    traits = logging.getLogger("traitlets")
    traits.handlers.clear()
    traits.propagate = True


def anfrage(handler: RequestHandler) -> None:
    """Access log of tornado: kind of page, status and time, but neither query nor address."""
    status = handler.get_status()
    metrics.DAUER.labels(type(handler).__name__).observe(handler.request.request_time())
    ereignis(
        "anfrage",
        logging.INFO if status < 500 or status == 503 else logging.ERROR,
        art=type(handler).__name__,
        methode=handler.request.method,
        status=status,
        ms=round(1000 * handler.request.request_time()),
    )


def logger() -> logging.Logger:
    """Logger for libraries that want one."""
    return logging.getLogger("voila")
