"""Controls of a page in JupyterLab and under Voilà, made from what the page may be asked for.

A notebook stays a list of findings: parameters, heading, ``bericht.auswahl()``, one call per cell. Where somebody
sits in front, a finding remembers which call made it; a control that changes makes the page anew and renews every
finding in its place. A batch, ``jupyter execute`` and ``nbconvert`` have nobody in front: no control, plain outputs.

The widgets are asked and checked like the form of a live page: they hold texts, the page's model reads them.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, fields
from functools import wraps
from html import escape
from typing import Any, TypeVar
from urllib.parse import parse_qs, urlencode

from pydantic import BaseModel

from sozialanalyse import present
from sozialanalyse.base import ParameterFehler, SozialanalyseFehler, text
from sozialanalyse.present import Anzeige, Eingabefeld
from sozialanalyse.seiten.grundlage.pruefung import werte_aus_text

F = TypeVar("F", bound=Callable[..., Any])
SCHALTER = ("template", "theme", "token", "warten")
"""Words in an address that are no parameters: the switches of Voilà and the login."""
FESTE = ("audience",)
"""Parameters that no reader chooses: a link must not open what the notebook keeps closed."""


# --- where a page is shown ----------------------------------------------------------------------


def unter_voila() -> bool:
    """Whether Voilà shows the page."""
    return os.environ.get("SERVER_SOFTWARE", "").startswith("voila")


def wird_bedient() -> bool:
    """Whether somebody sits in front of the kernel: a notebook that is being edited, or a page of Voilà.

    Front ends for people let a cell ask for input; papermill, ``jupyter execute`` and ``nbconvert`` do not.
    """
    if os.environ.get("SOZIALANALYSE_STATISCH") or os.environ.get("SOZIALANALYSE_DATEIEN"):
        return False
    return unter_voila() or bool(getattr(_kern(), "_allow_stdin", False))


def _kern() -> Any:
    """The kernel this runs in, None outside of one."""
    with suppress(ImportError):
        from IPython.core.getipython import get_ipython

        return getattr(get_ipython(), "kernel", None)
    return None


def aus_adresse(modell: type[BaseModel]) -> dict[str, object]:
    """Parameters in the address of a page of Voilà, read by the types of a model.

    The address speaks of the page a notebook makes first; pages that this one asks in turn get none.

    Raises
    ------
    ParameterFehler
        If the address names what the notebook itself decides.
    """
    if not unter_voila():
        return {}
    asked = parse_qs(os.environ.pop("QUERY_STRING", ""), keep_blank_values=True)
    asked = {name: values for name, values in asked.items() if name not in SCHALTER}
    if fixed := [name for name in FESTE if name in asked]:
        raise ParameterFehler(text("berichte.bedienung.fest", name=fixed[0]))
    return werte_aus_text(modell, asked)


def verweis(notebook: str, **werte: str) -> str:
    """Address of another page, seen from the one in front: its notebook, under Voilà with parameters."""
    return f"{notebook}.ipynb" + (f"?{urlencode(werte)}" if werte and unter_voila() else "")


@contextmanager
def abweisung() -> Iterator[None]:
    """Show on a page of Voilà why its parameters are refused; elsewhere the error speaks for itself."""
    try:
        yield
    except ParameterFehler as error:
        if unter_voila():
            from IPython.display import display

            refused = present.hinweis(
                str(error).splitlines(),
                titel=text("berichte.bedienung.abgewiesen"),
                abhilfe=text("berichte.bedienung.abhilfe"),
                ziel="?",
                art="warnung",
            )
            style = f"<style>{present.stylesheet()}</style>"
            display(Anzeige("", f'{style}<div class="sa-abgewiesen">{refused.html}</div>'))
        raise


# --- findings that can be renewed ---------------------------------------------------------------


@dataclass(frozen=True, eq=False, repr=False)
class ErneuerbareAnzeige(Anzeige):
    """A finding in front of somebody: it shows itself where it can be renewed."""

    erneuerung: Callable[[Anzeige], None] = field(default=lambda shown: None)

    def _ipython_display_(self) -> None:
        self.erneuerung(self)


def befund(block: F) -> F:
    """Let a method of a page that returns a display tell the controls how it was made."""

    @wraps(block)
    def made(page: Any, *args: Any, **kwargs: Any) -> Any:
        shown = block(page, *args, **kwargs)
        if not (args or kwargs):
            page._befunde[block.__name__] = shown
        if page.bedienung is None or not (shown is None or isinstance(shown, Anzeige)):
            return shown
        shown = shown or present.folge([])
        call = (block.__name__, args, tuple(kwargs.items()))
        return ErneuerbareAnzeige(
            **_felder(shown), erneuerung=lambda shown: page.bedienung.zeige(call, shown)
        )

    return made  # type: ignore[return-value]


def _felder(gezeigt: Anzeige) -> dict[str, Any]:
    return {one.name: getattr(gezeigt, one.name) for one in fields(Anzeige)}


Aufruf = tuple[str, tuple[Any, ...], tuple[tuple[str, Any], ...]]


class Bedienung:
    """The findings of a page that are in sight, and the controls that renew them.

    Parameters
    ----------
    seite
        The page; a change gives it other parameters, so that its name in the notebook speaks of what is shown.
    """

    def __init__(self, seite: Any) -> None:
        self.seite = seite
        self.plaetze: dict[Aufruf, Callable[[Anzeige], None]] = {}
        self.felder: dict[str, Any] = {}

    # --- findings ---------------------------------------------------------------------------------

    def zeige(self, aufruf: Aufruf, gezeigt: Anzeige) -> None:
        """Show a finding for the first time and keep its place; shown again, the new place counts."""
        place = _platz_in_voila if unter_voila() else _platz_im_notebook
        self.plaetze[aufruf] = place(Anzeige(**_felder(gezeigt)))

    def erneuere(self, **werte: object) -> None:
        """Give the page other parameters and renew what is in sight.

        Raises
        ------
        SozialanalyseFehler
            If the data do not offer these parameters together; nothing has changed then.
        """
        page = self.seite
        other = type(page)(daten=page.daten, **werte)
        other.bedienung = self
        vars(page).clear()
        vars(page).update(vars(other))
        for (name, args, kwargs), place in self.plaetze.items():
            try:
                shown = getattr(page, name)(*args, **dict(kwargs))
            except SozialanalyseFehler as error:
                shown = present.hinweis(str(error), art="warnung")
            place(Anzeige(**_felder(shown)))

    # --- controls ---------------------------------------------------------------------------------

    def steuerung(self, felder: Sequence[Eingabefeld], aktuell: Mapping[str, str]) -> Any:
        """Controls for the choices of the page, as one widget.

        Parameters
        ----------
        felder
            What a reader may choose, as in the form of a live page.
        aktuell
            Value in force per field.
        """
        import ipywidgets as widgets

        self.felder = bedienfelder(felder, aktuell)
        self.stand = widgets.HTML()
        for control in self.felder.values():
            control.observe(self._geaendert, "value")
        box = widgets.Box(list(self.felder.values()), layout={"flex_flow": "row wrap"})
        return widgets.VBox([box, self.stand])

    def _geaendert(self, _change: Any) -> None:
        texts = {name: [control.value] for name, control in self.felder.items()}
        kept = {name: value for name, value in self.seite.p.model_dump().items() if name not in texts}
        self._sage(text("berichte.bedienung.rechnet"))
        try:
            self.erneuere(**kept, **werte_aus_text(type(self.seite.p), texts))
        except SozialanalyseFehler as error:
            self._sage(text("berichte.bedienung.bleibt"), str(error))
        else:
            address = urlencode({name: values[0] for name, values in texts.items() if values[0]})
            self._sage("", adresse=address)

    def _sage(self, *saetze: str, adresse: str | None = None) -> None:
        said = "".join(f"<p>{escape(satz)}</p>" for satz in reversed(saetze) if satz)
        shown = "" if adresse is None else f' data-adresse="?{escape(adresse)}"'
        self.stand.value = f'<div class="sa" role="status"{shown}>{said}</div>'


def bedienfelder(felder: Sequence[Eingabefeld], aktuell: Mapping[str, str]) -> dict[str, Any]:
    """Widgets for the choices of a page: a list where values are known, else a field to type in.

    Parameters
    ----------
    felder
        Name, label and options of each parameter.
    aktuell
        Value in force per name; one that is no option stands first.

    Returns
    -------
    dict
        Name -> widget, whose ``value`` is text as in the address of a page.
    """
    import ipywidgets as widgets

    found: dict[str, Any] = {}
    style, layout = {"description_width": "initial"}, {"width": "auto", "min_width": "16rem"}
    for one in felder:
        value = aktuell.get(one.name, "")
        if not one.optionen:
            found[one.name] = widgets.Text(value=value, description=one.label, placeholder=one.hilfe,
                                           continuous_update=False, style=style, layout=layout)  # fmt: skip
            continue
        options = [(", ".join([words, *group]), key) for key, words, *group in one.optionen]
        if value not in [key for _, key in options]:
            options.insert(0, (value, value))
        found[one.name] = widgets.Dropdown(
            options=options, value=value, description=one.label, style=style, layout=layout
        )
    return found


# --- places -------------------------------------------------------------------------------------


def _platz_im_notebook(gezeigt: Anzeige) -> Callable[[Anzeige], None]:
    """An output that keeps its markup, so that a saved notebook still shows it."""
    from IPython.display import display

    handle = display(gezeigt, display_id=True)
    return handle.update  # type: ignore[no-any-return]


def _platz_in_voila(gezeigt: Anzeige) -> Callable[[Anzeige], None]:
    """A widget with its markup beside it, which is read before any script runs."""
    import ipywidgets as widgets
    from IPython.display import publish_display_data

    box = widgets.HTML(gezeigt.html)
    publish_display_data({**box._repr_mimebundle_(), "text/html": gezeigt.html})
    return lambda shown: setattr(box, "value", shown.html)
