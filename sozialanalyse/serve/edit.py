"""Texts of editors, written in the browser: taken by the internal service and kept in the region folder."""

from __future__ import annotations

import re
from datetime import date
from typing import Any, cast
from urllib.parse import urlencode

from markupsafe import Markup

from sozialanalyse import present
from sozialanalyse.base import ParameterFehler, PruefFehler, text
from sozialanalyse.region import Region, redaktion
from sozialanalyse.seiten import seiten
from sozialanalyse.serve.context import REDAKTION
from sozialanalyse.serve.handlers import Abgewiesen, Handler
from sozialanalyse.serve.logs import ereignis
from sozialanalyse.store import Daten

FEST = ("bericht", "ort", "baustein", "zahlen", "fassung", "erzeugt")
"""What the form sends along unseen."""
LAENGSTER_TEXT, LAENGSTER_NAME = 5000, 80


class Redaktion(Handler):
    """One text of one page: checked, written beside the others, and shown."""

    def post(self) -> None:
        """Keep a text or take it out; what is wrong is told at its field, and nothing typed is lost."""
        fest = {name: self.get_body_argument(name, "") for name in FEST}
        parameter, orte = self.place(fest)
        here = self.region.ordner
        words, who = (
            _absaetze(self.get_body_argument("text", "")),
            " ".join(self.get_body_argument("wer", "").split()),
        )
        removed = bool(self.get_body_argument("loeschen", ""))
        problems = {} if removed else _maengel(words, who)
        try:
            entry = redaktion.eigene(here, fest["bericht"], fest["ort"], orte).get(fest["baustein"])
            if (redaktion.fingerabdruck([entry.text]) if entry else "") != fest["fassung"]:
                since = entry.text if entry else fest["erzeugt"]
                problems["text"] = text("serve.redaktion.inzwischen", wer=(entry.wer if entry else "") or text("present.textform.ohne_namen"), text=since)  # fmt: skip
                fest["fassung"] = redaktion.fingerabdruck([entry.text]) if entry else ""
            elif removed:
                redaktion.loesche(here, fest["bericht"], fest["ort"], fest["baustein"], orte)
            elif not problems:
                new = {name: fest[name] for name in ("bericht", "ort", "baustein", "zahlen")}
                redaktion.schreibe(
                    here, redaktion.Aenderung(**new, text=words, wer=who, wann=date.today()), orte
                )
        except (PruefFehler, ValueError, OSError) as error:
            reason = str(error) if isinstance(error, PruefFehler) else text("serve.redaktion.datei")
            problems = {"text": text("serve.redaktion.nicht_gespeichert", grund=reason)}
        if problems:
            self.again(fest, words, who, problems)
            return
        self.dienst.lies_redaktion()
        ereignis("text_geaendert", notebook=fest["bericht"])
        self.redirect(
            f"/live/{fest['bericht']}?{urlencode({**parameter, 'audience': 'oeffentlich'})}", status=303
        )

    @property
    def region(self) -> Region:
        """Whose folder keeps the text."""
        return self.dienst.region

    def place(self, fest: dict[str, str]) -> tuple[dict[str, str], dict[str, str]]:
        """Parameter of the page a text stands on, and every place such a page can be about.

        Raises
        ------
        Abgewiesen
            If there is no such text.
        """
        kind = seiten().get(fest["bericht"])
        if kind is None or kind.redigiert is None or not re.fullmatch(r"[0-9a-f]{8}", fest["zahlen"]):
            raise Abgewiesen(400)
        name = kind.redigiert[0]
        try:
            self.dienst.parameter(kind.notebook, {name: [fest["ort"]], "audience": ["oeffentlich"]})
        except ParameterFehler as error:
            raise Abgewiesen(400, str(error).splitlines()) from None
        if name == "report":
            orte = {key: page.titel for key, page in redaktion.themen(self.region.ordner).items()}
        else:
            known = cast(Daten, self.dienst.daten).namen(cast(Any, name))
            orte = {str(key): str(called) for key, called in known.items()}
        if fest["ort"] not in orte or fest["baustein"] not in redaktion.bausteine(self.region, kind.notebook, fest["ort"]):  # fmt: skip
            raise Abgewiesen(400)
        return {name: fest["ort"]}, orte

    def again(self, fest: dict[str, str], words: str, who: str, problems: dict[str, str]) -> None:
        """Show the form once more with everything in it."""
        form = present.textform(REDAKTION, fest, words, wer=who, maengel=problems)
        items = Markup("").join(Markup("<li>{}</li>").format(one) for one in problems.values())
        content = Markup(
            '<section class="sa sv-seite"><h1>{}</h1><div role="alert"><ul>{}</ul></div></section>{}'
        ).format(text("serve.redaktion.titel"), items, Markup(form.html))
        self.set_status(400)
        self.set_header("Cache-Control", "no-store")
        self.render_page(text("serve.redaktion.titel"), str(content))


def _absaetze(typed: str) -> str:
    """Paragraphs without superfluous blanks."""
    parts = re.split(r"\n\s*\n", typed.replace("\r\n", "\n"))
    return "\n\n".join(filter(None, (" ".join(part.split()) for part in parts)))


def _maengel(words: str, who: str) -> dict[str, str]:
    """What is wrong, by field."""
    found = {}
    odd = [sign for sign in words.replace("\n", " ") + who if not sign.isprintable()]
    if not words:
        found["text"] = text("serve.redaktion.text_fehlt")
    elif len(words) > LAENGSTER_TEXT:
        found["text"] = text("serve.redaktion.text_lang", hoechstens=LAENGSTER_TEXT)
    elif odd:
        found["text"] = text("serve.redaktion.zeichen")
    if not 1 <= len(who) <= LAENGSTER_NAME:
        found["wer"] = text("serve.redaktion.wer_fehlt", hoechstens=LAENGSTER_NAME)
    return found
