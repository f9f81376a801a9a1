"""The waiting page that the service writes itself."""

from __future__ import annotations

from markupsafe import Markup

from sozialanalyse.base import text
from sozialanalyse.publish import Bestellung
from sozialanalyse.seiten import Parameter
from sozialanalyse.serve.context import Dienst


def warten(
    dienst: Dienst, notebook: str, parameter: Parameter, bestellung: Bestellung | None, *, still: bool
) -> str:
    """How far the page is, what is there without waiting, and another try; needs no script.

    Parameters
    ----------
    bestellung
        The page in the making; None if no more pages are taken for now.
    still
        The reader has asked for a page that does not load itself anew.
    """
    again = dienst.live(notebook, parameter)
    quiet = again + ("&" if "?" in again else "?") + "warten=still"
    report = dienst.bericht(notebook, parameter)
    links = [
        (report or "/", text("serve.warten.statisch" if report else "serve.fehler.start")),
        (again, text("serve.warten.nochmal")),
        *([] if still else [(quiet, text("serve.warten.anhalten"))]),
    ]
    state = "rechnet" if bestellung else "voll"
    return str(
        Markup(
            '<section class="sa sv-seite"><h1>{}</h1><p>{}</p><p role="status">{} {}</p>{}<ul>{}</ul></section>'
        ).format(
            text(f"serve.warten.titel_{state}"),
            text(f"serve.warten.was_{state}"),
            _stand(dienst, bestellung),
            text("serve.warten.angehalten" if still else "serve.warten.gleich"),
            _fortschritt(bestellung),
            Markup("").join(
                Markup('<li><a rel="nofollow" href="{}">{}</a></li>').format(*link) for link in links
            ),
        )
    )


def _stand(dienst: Dienst, bestellung: Bestellung | None) -> str:
    if bestellung is None:
        return ""
    if bestellung.teil:
        return text("serve.warten.teil", teil=str(bestellung.teil), teile=str(bestellung.teile))
    before = dienst.nachfrage.davor(bestellung)
    return text("serve.warten.davor" if before > 1 else "serve.warten.davor_eine", anzahl=str(before))


def _fortschritt(bestellung: Bestellung | None) -> Markup:
    if bestellung is None or not bestellung.teil:
        return Markup("")
    return Markup('<p><progress aria-label="{}" max="{}" value="{}"></progress></p>').format(
        text("serve.warten.fortschritt"), bestellung.teile, bestellung.teil
    )
