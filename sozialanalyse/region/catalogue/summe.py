"""Sums of fields, as pages write them."""

from __future__ import annotations

import re
from dataclasses import dataclass

FLAECHE = "gebiet.flaeche_qkm"
"""Pseudo field: official area in square kilometres, from the list of areas."""

_TERM = re.compile(r"\s*([+-]?)\s*([a-z][a-z0-9_]*(?:\.[a-z][a-z0-9_]*)?)")


@dataclass(frozen=True)
class Summe:
    """Signed sum of fields, as written on a page: ``maenner + frauen - nebenwohnsitz``."""

    glieder: tuple[tuple[int, str], ...]

    @property
    def felder(self) -> tuple[str, ...]:
        return tuple(name for _, name in self.glieder)

    @classmethod
    def lesen(cls, ausdruck: str, datensatz: str) -> Summe:
        """Parse an expression; names without a dataset belong to ``datensatz``.

        Raises
        ------
        ValueError
            If something else than names, plus and minus stands there.
        """
        position = 0
        parts: list[tuple[int, str]] = []
        while position < len(ausdruck.rstrip()):
            found = _TERM.match(ausdruck, position)
            if not found or (parts and not found[1]):
                raise ValueError(
                    f"„{ausdruck}“ ist nicht lesbar. Erlaubt sind Feldnamen, verbunden mit + und -."
                )
            name = found[2] if "." in found[2] else f"{datensatz}.{found[2]}"
            parts.append((-1 if found[1] == "-" else 1, name))
            position = found.end()
        if not parts:
            raise ValueError("Der Ausdruck ist leer.")
        return cls(tuple(parts))
