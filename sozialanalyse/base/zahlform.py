"""Numbers and short lists as they are written in German; no other place in the package writes a number."""

from __future__ import annotations

import math
from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Context, Decimal

UNBEKANNT = "k.\u00a0A."
_GERMAN = str.maketrans({",": ".", ".": ",", "-": "\u2212"})
_WEIT = Context(prec=400)
"""Digits enough for every float there is."""


def _is_gap(value: float) -> bool:
    try:
        return bool(value != value)
    except TypeError:  # the gap of pandas is neither equal nor unequal to itself
        return True


def runden(value: float, nachkommastellen: int) -> float:
    """Round half away from zero, as German offices do; 0.125 becomes 0.13. Infinity stays what it is."""
    if not math.isfinite(value):
        return float(value)
    step = Decimal(1).scaleb(-nachkommastellen)
    return float(Decimal(repr(float(value))).quantize(step, rounding=ROUND_HALF_UP, context=_WEIT))


def zahl(
    value: float | None, nachkommastellen: int = 0, *, vorzeichen: bool = False, fehlt: str = UNBEKANNT
) -> str:
    """Number with German separators and a true minus sign, an endless one as "∞".

    Parameters
    ----------
    nachkommastellen
        Digits after the comma, always as many.
    vorzeichen
        Write the sign of positive numbers, too.
    fehlt
        What stands for a missing value.
    """
    if value is None or _is_gap(value):
        return fehlt
    if math.isinf(value):
        return "∞" if value > 0 else "\u2212∞"
    rounded = runden(value, nachkommastellen) + 0.0  # no minus before a zero
    known = Decimal(repr(rounded)) if abs(rounded) > 1e10 else rounded  # no digits a float does not hold
    return f"{known:{'+' if vorzeichen else ''},.{nachkommastellen}f}".translate(_GERMAN)


def zahl_knapp(
    value: float | None, stellen: int = 6, *, tausender: bool = True, fehlt: str = UNBEKANNT
) -> str:
    """Number as short as ``stellen`` significant digits allow: no zeros at the end, no powers of ten.

    1,234,567 with three of them is "1.230.000". ``tausender=False`` leaves out the points
    and writes a hyphen for a minus, for files and forms that programs read.
    """
    if value is None or _is_gap(value) or math.isinf(value):
        return zahl(value, fehlt=fehlt)
    rounded = Context(prec=stellen, rounding=ROUND_HALF_UP).create_decimal(repr(float(value) + 0.0))
    short = f"{rounded:{',' if tausender else ''}f}"
    short = short.rstrip("0").rstrip(".") if "." in short else short
    return short.translate(_GERMAN) if tausender else short.replace(".", ",")


def p_wert(p: float) -> str:
    """Sign and value, for a sentence with ``p {p}``; never a p of zero."""
    return "< 0,001" if p < 0.001 else f"= {zahl(p, 3 if p < 0.01 else 2)}"


def gekuerzt(names: Iterable[object], hoechstens: int = 8) -> str:
    """Names with commas; a long list is cut and says how many are left."""
    words = [str(name) for name in names]
    rest = len(words) - hoechstens
    return ", ".join(words[:hoechstens]) + (f" + {rest}" if rest > 0 else "")
