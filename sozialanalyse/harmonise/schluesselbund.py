"""Keys of today's areas and of other cuts together: whose name a row carries depends on its date."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from sozialanalyse.harmonise.keys import Schluesselbuch
from sozialanalyse.harmonise.umstiege import Gebietsstand


class Schluesselbund:
    """Spellings of every area a delivery may speak of.

    Parameters
    ----------
    gebiete
        Areas of today.
    staende
        Other cuts with their own ids.
    kuerzel_im_schluessel
        Whether ids of small areas begin with the short form of their Kommune.
    """

    def __init__(
        self,
        gebiete: pd.DataFrame,
        staende: Sequence[Gebietsstand] = (),
        *,
        kuerzel_im_schluessel: bool = False,
    ) -> None:
        self.heute = Schluesselbuch(gebiete, kuerzel_im_schluessel=kuerzel_im_schluessel)
        self.staende = tuple(staende)
        kommunen = gebiete[gebiete["level"] == "kommune"]
        self._buecher = {
            stand.id: Schluesselbuch(
                pd.concat([kommunen, stand.gebiete]), kuerzel_im_schluessel=kuerzel_im_schluessel
            )
            for stand in self.staende
        }
        self.ids = [str(key) for key in gebiete.index]
        self.ids += [stand.kennung(str(key)) for stand in self.staende for key in stand.gebiete.index]
        self._position = {key: position for position, key in enumerate(self.ids)}

    def finde(
        self, text: object, tag: str, staende: Sequence[str] = (), *, kommune: str | None = None
    ) -> str | None:
        """Id of the area an entry means on a date, None if it means none.

        An id of an older cut named in ``staende`` goes before that of today up to the last day of the old
        boundaries. Areas of other cuts come as ``cut:id``.
        """
        for stand in self.staende:
            if stand.id in staende and stand.gilt(tag):
                found = self._buecher[stand.id].finde(text, kommune=kommune)
                if found is not None and found in stand.gebiete.index:
                    return stand.kennung(found)
        return self.heute.finde(text, kommune=kommune)

    def stand_von(self, text: object, *, kommune: str | None = None) -> Gebietsstand | None:
        """Cut in which an entry that means nothing today is an area, for the advice of a message."""
        for stand in self.staende:
            found = self._buecher[stand.id].finde(text, kommune=kommune)
            if found is not None and found in stand.gebiete.index:
                return stand
        return None

    def position(self, gebiet: str) -> int:
        return self._position[gebiet]
