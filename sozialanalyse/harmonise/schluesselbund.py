"""Keys of today's areas and of other cuts together: whose name a row carries depends on its date."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from itertools import combinations

import pandas as pd

from sozialanalyse.base import Befund
from sozialanalyse.harmonise.keys import Schluesselbuch
from sozialanalyse.harmonise.umstiege import Gebietsstand
from sozialanalyse.region import DatensatzSeite

_OHNE_ENDE = "9999-12-31"


class Schluesselbund:
    """Spellings of every area a delivery may speak of.

    Parameters
    ----------
    gebiete
        Areas of today.
    staende
        Other cuts with their own ids, in any order: on a date the one that ended first after it is asked first.
    kuerzel_im_schluessel
        Whether ids of small areas begin with the short form of their Kommune.
    gattungen
        Level -> what one area of it is called.
    """

    def __init__(
        self,
        gebiete: pd.DataFrame,
        staende: Sequence[Gebietsstand] = (),
        *,
        kuerzel_im_schluessel: bool = False,
        gattungen: Mapping[str, str] | None = None,
    ) -> None:
        self.heute = Schluesselbuch(gebiete, kuerzel_im_schluessel=kuerzel_im_schluessel, gattungen=gattungen)
        self.staende = tuple(sorted(staende, key=lambda stand: stand.gueltig_bis or _OHNE_ENDE))
        kommunen = gebiete[gebiete["level"] == "kommune"]
        self._buecher = {
            stand.id: Schluesselbuch(
                pd.concat([kommunen, stand.gebiete]),
                kuerzel_im_schluessel=kuerzel_im_schluessel,
                gattungen=gattungen,
            )
            for stand in self.staende
        }
        self.ids = [str(key) for key in gebiete.index]
        self.ids += [stand.kennung(str(key)) for stand in self.staende for key in stand.gebiete.index]
        self._position = {key: position for position, key in enumerate(self.ids)}

    def kandidaten(
        self,
        text: object,
        tag: str,
        staende: Sequence[str] = (),
        *,
        kommune: str | None = None,
        ebene: str | None = None,
        nullen_erhalten: bool = True,
    ) -> tuple[str, ...]:
        """Ids of the areas an entry could mean on a date; empty if it means none.

        An id of an older cut named in ``staende`` goes before that of today up to the last day of the old
        boundaries. Areas of other cuts come as ``cut:id``.
        """
        for stand in self.staende:
            if stand.id in staende and stand.gilt(tag):
                found = self._buecher[stand.id].kandidaten(
                    text, kommune=kommune, ebene=ebene, nullen_erhalten=nullen_erhalten
                )
                if any(one in stand.gebiete.index for one in found):
                    return tuple(stand.kennung(one) if one in stand.gebiete.index else one for one in found)
        return self.heute.kandidaten(text, kommune=kommune, ebene=ebene, nullen_erhalten=nullen_erhalten)

    def finde(
        self, text: object, tag: str, staende: Sequence[str] = (), *, kommune: str | None = None
    ) -> str | None:
        """The only area an entry could mean on a date, None if it means none or could mean several."""
        found = self.kandidaten(text, tag, staende, kommune=kommune)
        return found[0] if len(found) == 1 else None

    def benannt(self, gebiet: str) -> str:
        """An area in words, for messages."""
        return gebiet if ":" in gebiet and gebiet not in self.heute else self.heute.benannt(gebiet)

    def ist_klein(self, gebiet: str) -> bool:
        """Whether an area is a small one, of today or of another cut."""
        return gebiet not in self.heute or self.heute.level(gebiet) == "sozialraum"

    def stand_von(self, text: object, *, kommune: str | None = None) -> Gebietsstand | None:
        """Cut in which an entry that means nothing today is an area, for the advice of a message."""
        for stand in self.staende:
            found = self._buecher[stand.id].finde(text, kommune=kommune)
            if found is not None and found in stand.gebiete.index:
                return stand
        return None

    def mehrdeutig(self, seite: DatensatzSeite) -> list[Befund]:
        """Ids of two cuts of a page that become different areas of today.

        A fault where no date decides between them, a hint where the earlier end does.
        """
        befunde = []
        own = [stand for stand in self.staende if stand.id in seite.staende]
        for first, second in combinations(own, 2):
            here, there = first.ziele(), second.ziele()
            both = sorted(key for key in here.keys() & there.keys() if here[key] != there[key])
            if not both:
                continue
            names = f"„{first.name}“ und „{second.name}“"
            some = ", ".join(both[:6]) + (f" und {len(both) - 6} weitere" if len(both) > 6 else "")
            if first.gueltig_bis == second.gueltig_bis:
                when = (
                    f"beide bis {_tag(first.gueltig_bis)}"
                    if first.gueltig_bis
                    else "beide ohne „gueltig_bis“"
                )
                befunde.append(Befund("fehler", f"{seite.name}: {some} gibt es in den Umstiegen {names}, {when}; "
                                      "welcher gilt, ist nicht zu entscheiden.",
                                      "Bitte „gueltig_bis“ in region.yml berichtigen oder unter „gebietsstand“ nur einen nennen.",
                                      datei="region.yml", regel="umstieg"))  # fmt: skip
            else:
                later = f"danach bis {_tag(second.gueltig_bis)}" if second.gueltig_bis else "danach"
                befunde.append(Befund("hinweis", f"{seite.name}: {some} gibt es in den Umstiegen {names}.",
                                      f"Bis {_tag(first.gueltig_bis)} gilt „{first.name}“, {later} „{second.name}“.",
                                      datei="region.yml", regel="umstieg"))  # fmt: skip
        return befunde

    def position(self, gebiet: str) -> int:
        return self._position[gebiet]


def _tag(iso: str) -> str:
    return f"{date.fromisoformat(iso):%d.%m.%Y}"
