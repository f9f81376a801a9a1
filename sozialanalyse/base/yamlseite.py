"""What all pages a planner writes are made of: unknown keys are refused, patterns compile."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from sozialanalyse.base import muster

Kennung = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]*$")]


def _compiles(value: str) -> str:
    muster.uebersetzt(value)
    return value


def _has_group(value: str) -> str:
    if muster.uebersetzt(_compiles(value)).groups < 1:
        raise ValueError(f"Im Suchmuster „{value}“ fehlt die runde Klammer um die gesuchte Stelle.")
    return value


Muster = Annotated[str, AfterValidator(_compiles)]
"""Regular expression."""
Fangmuster = Annotated[str, AfterValidator(_has_group)]
"""Regular expression whose first group is what is looked for."""


class YamlSeite(BaseModel):
    """Base of everything a planner writes: unknown keys are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)
