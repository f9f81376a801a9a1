"""Entries of a list in a YAML file set, added and removed in its text: comments and everything else stay as written."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any

import yaml
from yaml.nodes import MappingNode, Node, SequenceNode


def setze(quelltext: str, liste: str, stelle: int | None, werte: Mapping[str, str | date | datetime]) -> str:
    """Text with values in one entry of a list: those that stand there are replaced, others added.

    Parameters
    ----------
    liste
        Name of a list at the top of the file.
    stelle
        Place of the entry; None adds a new one.

    Raises
    ------
    ValueError
        If it cannot be done without changing anything else.
    """

    def change(content: dict[str, Any]) -> None:
        entries = content.setdefault(liste, None) or []
        if stelle is None:
            entries = [*entries, dict(werte)]
        else:
            entries[stelle] = {**entries[stelle], **werte}
        content[liste] = entries

    node = _liste(quelltext, liste)
    if stelle is None:
        made = _angehaengt(quelltext, liste, node, werte)
    else:
        assert node is not None
        made = _ersetzt(quelltext, node.value[stelle], werte)
    return _geprueft(quelltext, made, change)


def entferne(quelltext: str, liste: str, stelle: int) -> str:
    """Text without one entry of a list.

    Raises
    ------
    ValueError
        If it cannot be done without changing anything else.
    """
    node = _liste(quelltext, liste)
    assert node is not None
    entry, (start, end) = node.value[stelle], _spanne(node)
    if len(node.value) == 1:
        made = quelltext[:start] + "[]" + quelltext[end:]
    elif node.flow_style:
        cut = (
            (entry.start_mark.index, node.value[stelle + 1].start_mark.index)
            if stelle + 1 < len(node.value)
            else (_ende(node.value[stelle - 1]), _ende(entry))
        )
        made = quelltext[: cut[0]] + quelltext[cut[1] :]
    else:
        dash = quelltext.rfind("-", 0, entry.start_mark.index)
        line = quelltext.rfind("\n", 0, dash) + 1
        rest = quelltext.find("\n", _ende(entry) - 1) + 1 or len(quelltext)
        made = quelltext[:line] + quelltext[rest:]
    return _geprueft(quelltext, made, lambda content: content[liste].pop(stelle))


def _geprueft(before: str, after: str, change: Callable[[dict[str, Any]], Any]) -> str:
    """The new text, if it says what the old one said with the change and nothing else."""
    wanted = yaml.safe_load(before) or {}
    change(wanted)
    try:
        same = yaml.safe_load(after) == wanted
    except yaml.YAMLError:
        same = False
    if not same:
        raise ValueError("the text cannot be changed in one place")
    return after


def _liste(quelltext: str, name: str) -> SequenceNode | None:
    root = yaml.compose(quelltext, Loader=yaml.SafeLoader)
    pairs = root.value if isinstance(root, MappingNode) else []
    return next(
        (value for key, value in pairs if key.value == name and isinstance(value, SequenceNode)), None
    )


def _ende(node: Node) -> int:
    """Where what a node says ends; a block ends with its last value, not with the comments after it."""
    if node.start_mark is not None and getattr(node, "flow_style", True) is False and node.value:
        last = node.value[-1]
        return _ende(last[1] if isinstance(last, tuple) else last)
    return int(node.end_mark.index)


def _spanne(node: Node) -> tuple[int, int]:
    return int(node.start_mark.index), _ende(node)


def _ersetzt(text: str, entry: MappingNode, werte: Mapping[str, str | date | datetime]) -> str:
    known = {key.value: value for key, value in entry.value}
    flow, column = bool(entry.flow_style), entry.start_mark.column
    changes: list[tuple[int, int, str]] = []
    new = {name: value for name, value in werte.items() if name not in known}
    if new:
        at = _ende(entry) - 1 if flow else _ende(entry)
        if flow:
            added = "".join(f", {name}: {_skalar(value, True, 0)}" for name, value in new.items())
        else:
            lines = [f"{' ' * column}{name}: {_skalar(value, False, column)}" for name, value in new.items()]
            added = "\n".join(lines)
            added = added + "\n" if text[at - 1 : at] == "\n" else "\n" + added
            at = at if text[at - 1 : at] == "\n" else _zeilenende(text, at)
        changes.append((at, at, added))
    for name, node in known.items():
        if name in werte:
            start, end = _spanne(node)
            old = text[start:end]
            changes.append((start, end, _skalar(werte[name], flow, column) + old[len(old.rstrip()) :]))
    for start, end, words in sorted(changes, reverse=True):
        text = text[:start] + words + text[end:]
    return text


def _angehaengt(
    text: str, liste: str, node: SequenceNode | None, werte: Mapping[str, str | date | datetime]
) -> str:
    if node is not None and node.value and node.flow_style:
        at = node.end_mark.index - 1
        inside = ", ".join(f"{name}: {_skalar(value, True, 0)}" for name, value in werte.items())
        return f"{text[:at].rstrip().rstrip(',')}, {{{inside}}}{text[at:]}"
    column = node.start_mark.column if node is not None and node.value else 2
    lines = [f"{name}: {_skalar(value, False, column + 2)}" for name, value in werte.items()]
    entry = " " * column + "- " + ("\n" + " " * (column + 2)).join(lines) + "\n"
    if node is None:
        head = text if not text or text.endswith("\n") else text + "\n"
        return f"{head}{liste}:\n{entry}"
    start, end = _spanne(node)
    if not node.value:
        return text[:start].rstrip() + "\n" + entry + text[end:].lstrip(" ").removeprefix("\n")
    if text[end - 1 : end] != "\n":
        end = _zeilenende(text, end)
        entry = "\n" + entry if end == len(text) else entry
        end = min(end + 1, len(text))
    return text[:end] + entry + text[end:]


def _zeilenende(text: str, at: int) -> int:
    found = text.find("\n", at)
    return found if found >= 0 else len(text)


def _skalar(value: str | date | datetime, flow: bool, column: int) -> str:
    """A value as it is written: paragraphs as a block where there is room for one."""
    if isinstance(value, date):
        return value.isoformat()
    if flow or "\n" not in value:
        return json.dumps(value, ensure_ascii=False)
    lines = [f"{' ' * (column + 2)}{line}" if line else "" for line in value.split("\n")]
    return "|-\n" + "\n".join(lines)
