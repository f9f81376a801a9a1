"""Values against a model: from a file, a link or a call, all faults at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any, TypeVar, get_args, get_origin

from pydantic import BaseModel, ValidationError

from sozialanalyse.base import ParameterFehler, yamlio
from sozialanalyse.seiten.grundlage.vorrat import Vorrat

M = TypeVar("M", bound=BaseModel)


def pruefe_modell(model: type[M], werte: Mapping[str, object], vorrat: Vorrat | None = None) -> M:
    """Check values against a model.

    Raises
    ------
    ParameterFehler
        One sentence per fault, all at once.
    """
    try:
        return model.model_validate(dict(werte), context={"vorrat": vorrat})
    except ValidationError as error:
        found = yamlio.befunde(error, model, werte)
        raise ParameterFehler("\n".join(str(befund) for befund in found)) from None


def werte_aus_text(model: type[BaseModel], texte: Mapping[str, Sequence[str]]) -> dict[str, object]:
    """Values that were typed, read by the types of a model and never by how they look.

    Parameters
    ----------
    model
        Its fields tell what a text means: lists are split at commas, whole numbers, decimal numbers and
        ``True``/``False`` are ones only where the model wants them.
    texte
        Name -> texts; of several the last one counts, in a list all. Empty ones are left out.

    Returns
    -------
    dict
        What does not fit its type stays text, so that the model refuses it with a sentence.
    """
    werte: dict[str, object] = {}
    for name, texts in texte.items():
        given = [text.strip() for text in texts if text.strip()]
        if not given:
            continue
        field = model.model_fields.get(name)
        wanted = (field.annotation, *get_args(field.annotation)) if field else ()
        if field is not None and list in (field.annotation, get_origin(field.annotation)):
            werte[name] = [part.strip() for text in given for part in text.split(",") if part.strip()]
        else:
            werte[name] = _value(given[-1], wanted)
    return werte


LAENGSTE_ZAHL = 18
"""Digits of a whole number that may be meant; more stay text, which the model refuses."""


def _value(text: str, wanted: tuple[Any, ...]) -> object:
    if int in wanted and text.removeprefix("-").isdecimal() and len(text) <= LAENGSTE_ZAHL:
        return int(text)
    if float in wanted:
        with suppress(ValueError):
            return float(text)
    if bool in wanted and text.lower() in {"true", "false"}:
        return text.lower() == "true"
    return text
