"""Pages that the service writes itself: the door to a live page, and the waiting page."""

from __future__ import annotations

from markupsafe import Markup

from sozialanalyse.base import text
from sozialanalyse.seiten import Parameter, seite
from sozialanalyse.serve.context import Dienst


def tuer(dienst: Dienst, notebook: str, parameter: Parameter) -> str:
    """One button that starts the live page, and the way to the finished report."""
    return str(
        Markup(
            '<section class="sa sa-auswahl sv-seite" data-tuer><h1>{}</h1><p>{}</p><form method="post" action="{}">'
            '<button type="submit">{}</button></form><ul>{}</ul></section>{}'
        ).format(
            seite(notebook).name(),
            text("serve.tuer.was"),
            dienst.live(notebook, parameter),
            text("serve.tuer.knopf"),
            _report(dienst, notebook, parameter),
            _script(dienst),
        )
    )


def warten(dienst: Dienst, notebook: str, parameter: Parameter, *, still: bool) -> str:
    """All places are taken: what is there without waiting, and another try by itself.

    The page loads itself anew, with a script or without; both can be stopped by the reader.

    Parameters
    ----------
    still
        The reader has asked for a page that does not load itself anew.
    """
    again = dienst.live(notebook, parameter)
    quiet = again + ("&" if "?" in again else "?") + "warten=still"
    seconds = dienst.grenzen.wartezeit
    unaided = Markup(
        '<noscript><meta http-equiv="refresh" content="{}"><p><a rel="nofollow" href="{}">{}</a></p></noscript>'
    ).format(3 * seconds, quiet, text("serve.warten.anhalten"))
    return str(
        Markup(
            '<section class="sa sv-seite" {}data-angehalten="{}"><h1>{}</h1><p>{}</p>'
            '<p role="status" class="sv-warten">{}</p><ul>{}<li><a rel="nofollow" href="{}">{}</a></li></ul>'
            '<p class="sv-anhalten" hidden><button type="button">{}</button></p>{}</section>{}'
        ).format(
            "" if still else Markup('data-neuladen="{}" ').format(seconds),
            text("serve.warten.angehalten"),
            text("serve.warten.titel"),
            text("serve.warten.was"),
            text("serve.warten.angehalten") if still else text("serve.warten.gleich", sekunden=str(seconds)),
            _report(dienst, notebook, parameter),
            again,
            text("serve.warten.nochmal"),
            text("serve.warten.anhalten"),
            "" if still else unaided,
            _script(dienst),
        )
    )


def _report(dienst: Dienst, notebook: str, parameter: Parameter) -> Markup:
    report = dienst.bericht(notebook, parameter)
    name = text("serve.warten.statisch" if report != "/" else "serve.fehler.start")
    return Markup('<li><a href="{}">{}</a></li>').format(report, name)


def _script(dienst: Dienst) -> Markup:
    return Markup('<script src="{}/sozial/sozial.js" defer></script>').format(dienst.statisch)
