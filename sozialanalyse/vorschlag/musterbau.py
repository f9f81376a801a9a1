"""Regular expressions that a planner can read, made from the texts they are to fit."""

from __future__ import annotations

import re
from collections.abc import Iterable

_SONDER = re.compile(r"([.^$*+?{}\[\]\\|()])")
VIELE = 12
"""More alternatives than this make no pattern anybody would read."""


def woertlich(text: str) -> str:
    """A text with the signs escaped that mean something in a pattern, spaces left readable."""
    return _SONDER.sub(r"\\\1", text)


def gestalt(text: str) -> str:
    """A text with its digits left open, as a pattern: ``05334/001SUM`` -> ``\\d{5}/\\d{3}SUM``."""
    parts = re.split(r"(\d+)", text)
    return "".join(rf"\d{{{len(part)}}}" if part.isdigit() else woertlich(part) for part in parts)


def muster(texte: Iterable[str], andere: Iterable[str], trenner: str = "", *, ganz: bool = False) -> str:
    """A short pattern that fits all of some texts and none of the others; "" if there is none.

    Parameters
    ----------
    trenner
        Sign between the columns of a key; what stands behind its last occurrence is tried first.
    ganz
        Whether the pattern has to describe whole texts.
    """
    wanted, rest = sorted(set(filter(None, texte))), [text for text in andere if text]
    if not wanted:
        return ""
    for candidate in _candidates(wanted, trenner):
        if ganz and not (candidate.startswith("^") and candidate.endswith("$")):
            continue
        if all(re.search(candidate, text) for text in wanted) and not any(
            re.search(candidate, text) for text in rest
        ):
            return candidate
    return ""


def _candidates(wanted: list[str], trenner: str) -> Iterable[str]:
    if len(wanted) == 1 and not (trenner and trenner in wanted[0]):
        yield f"^{woertlich(wanted[0])}$"
        return
    if trenner:
        ends = sorted({text.rpartition(trenner)[2] for text in wanted})
        if len(ends) <= 3:
            yield f"{woertlich(trenner)}{_one_of(map(woertlich, ends))}$"
        shapes = sorted({gestalt(text.rpartition(trenner)[2]) for text in wanted})
        if len(shapes) <= 4:
            yield f"{woertlich(trenner)}{_one_of(shapes)}$"
    suffix = _common([text[::-1] for text in wanted])[::-1]
    suffix = suffix[suffix.index(" ") :] if " " in suffix else ""
    if len(suffix.strip()) >= 3:
        yield f"{woertlich(suffix)}$"
    prefix = _common(wanted)
    prefix = prefix[: prefix.rindex(" ") + 1] if " " in prefix else ""
    if len(prefix.strip()) >= 3:
        yield f"^{woertlich(prefix)}"
    if len(wanted) <= 3:
        yield f"^{_one_of(map(woertlich, wanted))}$"
    shapes = sorted({gestalt(text) for text in wanted})
    if len(shapes) <= 3:
        yield f"^{_one_of(shapes)}$"
    if len(wanted) <= VIELE:
        yield f"^{_one_of(map(woertlich, wanted))}$"


def _common(texts: list[str]) -> str:
    """The beginning that all texts share."""
    first, last = min(texts), max(texts)
    same = next((i for i, sign in enumerate(first) if last[i : i + 1] != sign), len(first))
    return first[:same]


def _one_of(patterns: Iterable[str]) -> str:
    listed = list(dict.fromkeys(patterns))
    return listed[0] if len(listed) == 1 else f"(?:{'|'.join(listed)})"


def anfang(text: str) -> str:
    """Pattern for a note that begins like this one: ``______`` -> ``^_{4,}``, ``Quelle: Amt`` -> ``^Quelle``."""
    if line := re.match(r"([^\w\s]|_)\1{3,}", text):
        return f"^{woertlich(line[1])}{{4,}}"
    head = re.match(r"[^\d:=,;.]{3,40}", text)
    return f"^{woertlich((head[0] if head else text[:12]).rstrip())}"
