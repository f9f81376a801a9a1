"""Public door to the pages as notebooks use them: every declared page under the name of its class."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    pass


def __getattr__(name: str) -> Any:
    """A page by the name of its class."""
    from sozialanalyse.seiten import erklaerte

    for kind in erklaerte().values():
        if kind.__name__ == name:
            return kind
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    """Classes of all pages, so that they can be completed."""
    from sozialanalyse.seiten import erklaerte

    return sorted(kind.__name__ for kind in erklaerte().values())
