"""What values are called in the names of runs, and so in the addresses of pages."""

from __future__ import annotations

from collections.abc import Iterable


def adressen(keys: Iterable[object]) -> dict[object, str]:
    """What each of several keys is called in addresses: its :func:`slug`, with a number where two would share it.

    The first key keeps the plain name, so "10/1" and "10-1" have pages of their own.
    """
    known = list(keys)
    plain = {slug(key) for key in known}
    found: dict[object, str] = {}
    taken: set[str] = set()
    for key in known:
        name, number = slug(key), 1
        while name in taken or (number > 1 and name in plain):
            number += 1
            name = f"{slug(key)}-{number}"
        found[key] = name
        taken.add(name)
    return found


def slug(value: object) -> str:
    """Value as it stands in the name of a run, and so in the address of its page."""
    return "".join(sign if sign.isalnum() else "-" for sign in str(value).lower())
