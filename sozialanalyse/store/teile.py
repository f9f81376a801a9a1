"""Tables of a snapshot in the making: they grow part by part and are never whole in memory."""

from __future__ import annotations

import shutil
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

Schluessel = tuple[str, str]
"""Dataset and reference date of a part."""


class Teile:
    """Parquet files below a folder, one row group for each part."""

    def __init__(self, ordner: Path) -> None:
        self.ordner = ordner
        self._rows: dict[str, int] = defaultdict(int)
        self._open: dict[str, pq.ParquetWriter] = {}
        self._groups: dict[str, dict[Schluessel, int]] = defaultdict(dict)

    def __enter__(self) -> Teile:
        return self

    def __exit__(self, *_: Any) -> None:
        self.schliesse()

    def haenge_an(self, datei: str, schluessel: Schluessel, frame: pd.DataFrame) -> None:
        """Add a part to a file; nothing is added for a part without rows."""
        if frame.empty:
            return
        if datei not in self._open:
            path = self.ordner / datei
            path.parent.mkdir(parents=True, exist_ok=True)
            self._open[datei] = pq.ParquetWriter(path, _schema(frame))
        writer = self._open[datei]
        table = pa.Table.from_pandas(frame, schema=writer.schema, preserve_index=False)
        writer.write_table(table, row_group_size=len(frame))
        self._groups[datei][schluessel] = len(self._groups[datei])
        self._rows[datei] += len(frame)

    def schliesse(self) -> None:
        """End all files begun; from then on they can be read, and no longer grow."""
        for writer in self._open.values():
            writer.close()
        self._open.clear()

    def entferne(self, ordner: str) -> None:
        """Take a folder away that was needed on the way only."""
        shutil.rmtree(self.ordner / ordner, ignore_errors=True)
        for name in self.dateien(ordner):
            del self._groups[name]

    def dateien(self, ordner: str) -> list[str]:
        """Files below a folder, in the order they were begun."""
        return [name for name in self._groups if name.startswith(f"{ordner}/")]

    def zeilen(self, ordner: str) -> int:
        """Rows of all files below a folder."""
        return sum(self._rows[name] for name in self.dateien(ordner))

    def lies(
        self, dateien: Sequence[str], tag: str, spalten: Sequence[str] | None = None
    ) -> list[pd.DataFrame]:
        """Parts of a reference date, file by file."""
        found = []
        for name in dateien:
            groups = [group for (_, day), group in self._groups[name].items() if day == tag]
            if groups:
                with pq.ParquetFile(self.ordner / name) as source:
                    found += [source.read_row_group(g, columns=spalten).to_pandas() for g in groups]
        return found


def _schema(frame: pd.DataFrame) -> pa.Schema:
    """Schema of a file whose parts may know other categories."""
    schema = pa.Schema.from_pandas(frame, preserve_index=False)
    for position, field in enumerate(schema):
        if pa.types.is_dictionary(field.type):
            wide = pa.dictionary(pa.int32(), pa.large_string())
            schema = schema.set(position, field.with_type(wide))
    return schema
