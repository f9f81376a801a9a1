"""Signs instead of numbers: what the file says of them, and which profile of the region says the same."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sozialanalyse.region import Region, Symbol
from sozialanalyse.vorschlag import wortliste

_WORTE = {
    "null_exakt": "nichts vorhanden",
    "nahe_null": "fast null",
    "geheim": "geheim",
    "unbekannt": "unbekannt",
    "nicht_sinnvoll": "nicht sinnvoll",
    "unsicher": "unsicher",
    "folgt": "folgt später",
    "geschaetzt": "geschätzt",
    "vorlaeufig": "vorläufig",
    "korrigiert": "korrigiert",
    "wert": "Zahl",
}


@dataclass(frozen=True)
class Profilwahl:
    """The profile of signs a page names, with reason and what is open."""

    name: str
    beleg: str
    fragen: tuple[str, ...] = ()
    offen: str = ""
    ergaenzung: tuple[str, ...] = ()
    """Lines that are missing in the profile in region.yml."""


def legende(texts: Iterable[str]) -> dict[str, tuple[str, str]]:
    """What notes above and below a table say of signs: sign -> (status, words)."""
    return {sign: told for text in texts for sign, told in wortliste.legende(text).items()}


def waehle(zeichen: Counter[str], erklaert: Mapping[str, tuple[str, str]], region: Region) -> Profilwahl:
    """The profile that knows every sign met and contradicts no explanation in the file."""
    profiles = region.seite.symbolprofile
    if not profiles:
        return Profilwahl("<Symbolprofil aus region.yml>", "region.yml nennt noch kein Symbolprofil",
                          offen="In region.yml fehlt ein Symbolprofil.")  # fmt: skip
    met = [sign for sign, _ in zeichen.most_common()]
    rated = {name: _rate(profile, met, erklaert) for name, profile in profiles.items()}
    least = min((missing, against) for missing, against, _ in rated.values())
    best = [name for name, (missing, against, _) in rated.items() if (missing, against) == least]
    seen = ", ".join(f"{_named(sign)} {zeichen[sign]}-mal" for sign in met) or "keine"
    name = best[0]
    reason = f"Zeichen: {seen}"
    told = [f"{_named(sign)} = {erklaert[sign][1]}" for sign in met if sign in erklaert]
    reason += f"; die Datei erklärt: {'; '.join(told)}" if told else ""
    notes, offen, added = [], "", []
    for sign in met:
        symbol = _symbol(profiles[name], sign)
        status = erklaert.get(sign, ("", ""))[0]
        if symbol is None and sign:
            added.append(f'"{sign}": {{status: {status or "<Bedeutung>"}}}')
        elif symbol is not None and status and status != symbol.status:
            notes.append(
                f"{_named(sign)} heißt in der Datei „{erklaert[sign][1]}“, im Profil „{name}“ {_WORTE[symbol.status]}."
            )
    if added:
        unknown = ", ".join(_named(sign) for sign in met if sign and _symbol(profiles[name], sign) is None)
        offen = f"{unknown} kennt kein Symbolprofil; bitte klären und in region.yml beim Profil „{name}“ ergänzen."
    meanings = {other: rated[other][2] for other in best}
    if len(set(meanings.values())) > 1:
        ways = "; ".join(f"„{other}“: {_spelled(met, meanings[other])}" for other in best)
        notes.append(f"Was bedeuten die Zeichen bei dieser Lieferstelle? Die Profile sagen Verschiedenes: {ways}. "
                     f"Bis zur Klärung „{name}“.")  # fmt: skip
    elif len(best) > 1:
        reason += f"; gleichbedeutend wäre {', '.join(f'„{other}“' for other in best[1:])}"
    return Profilwahl(name, reason, tuple(notes), offen, tuple(added))


def _symbol(profile: Mapping[str, Symbol], sign: str) -> Symbol | None:
    return next((symbol for key, symbol in profile.items() if key.casefold() == sign.casefold()), None)


def _rate(
    profile: Mapping[str, Symbol], met: list[str], told: Mapping[str, tuple[str, str]]
) -> tuple[int, int, tuple[str, ...]]:
    """Signs missing, signs explained otherwise, and what each sign means."""
    symbols = [_symbol(profile, sign) for sign in met]
    missing = sum(symbol is None and bool(sign) for sign, symbol in zip(met, symbols, strict=True))
    against = sum(
        symbol is not None and told.get(sign, ("", ""))[0] not in ("", symbol.status)
        for sign, symbol in zip(met, symbols, strict=True)
    )
    return missing, against, tuple(symbol.status if symbol else "unbekannt" for symbol in symbols)


def _named(sign: str) -> str:
    return f"„{sign}“" if sign else "leere Zelle"


def _spelled(met: list[str], meaning: tuple[str, ...]) -> str:
    return ", ".join(f"{_named(sign)} {_WORTE[status]}" for sign, status in zip(met, meaning, strict=True))
