"""A plan as a page for whoever decides: what changes, who will see it, what disclosure control says."""

from __future__ import annotations

from html import escape
from pathlib import Path

from sozialanalyse.austausch.vertragsseiten import rahmen
from sozialanalyse.base import LaufFehler, text, zahl_knapp
from sozialanalyse.kommonitor import EbenePlan, IndikatorPlan, Plan, Rechte, Wert
from sozialanalyse.present import formats
from sozialanalyse.publish import ganze_seite
from sozialanalyse.region import Region

ZEIGE = 400
"""So many changed values of a table stand on the page; the file of the plan has all."""


def plansaetze(plan: Plan) -> list[str]:
    """The plan in a few lines, for the command line."""
    todo = plan.zu_tun
    new = [one for one in todo if not one.kennung]
    changed = sum(len(level.geaendert) for one in todo for level in one.ebenen)
    lines = [
        text(
            "kommonitor.plan.kurz",
            neu=len(new),
            anders=len(todo) - len(new),
            gleich=len(plan.indikatoren) - len(todo),
            werte=changed,
        )
    ]
    for one in todo:
        state = text("kommonitor.plan.neu") if not one.kennung else text("kommonitor.plan.anders")
        lines.append(f"  {state}: {one.name}")
        lines += [
            f"    {level.name}: {len(level.geaendert)} Werte; {_rechte(plan, level.rechte)}"
            for level in one.ebenen
        ]
        lines += [f"    {hint}" for hint in one.hinweise]
    lines += [f"{text('kommonitor.plan.abgelehnt')}: {sentence}" for sentence in plan.abgelehnt]
    lines += [f"{text('kommonitor.plan.pruefung')}: {sentence}" for sentence in plan.pruefung]
    return lines


def schreibe(plan: Plan, region: Region, pfad: Path) -> Path:
    """Write the page.

    Raises
    ------
    LaufFehler
        If it cannot be written.
    """
    content = ganze_seite(
        _inhalt(plan), rahmen(region, text("kommonitor.plan.titel"), formats.datum(plan.erstellt))
    )
    try:
        pfad.write_text(content, encoding="utf-8")
        pfad.chmod(0o600)
    except OSError as error:
        raise LaufFehler(
            f"Die Seite des Plans lässt sich nicht schreiben ({pfad}: {error.strerror or error})."
        ) from None
    return pfad


def _inhalt(plan: Plan) -> str:
    head = [
        f"<h1>{_t('titel')}</h1>",
        f"<p>{escape(text('kommonitor.plan.kopf', server=plan.server, version=plan.generation, bestand=plan.bestand))}</p>",
        f"<p>{_t('schluessel')}: <code>{plan.schluessel[:16]}</code></p>",
        f"<p><strong>{escape(plansaetze(plan)[0])}</strong></p>",
        f"<p>{_t('nichts_geschehen')}</p>",
    ]
    checks = [f"<h2>{_t('pruefung')}</h2>", _liste(plan.pruefung) or f"<p>{_t('keine_pruefung')}</p>"]
    refused = [f"<h2>{_t('abgelehnt')}</h2>", _liste(plan.abgelehnt)] if plan.abgelehnt else []
    parts = [_indikator(plan, one) for one in plan.indikatoren]
    return (
        '<div class="sa">'
        + "\n".join([*head, *checks, *refused, f"<h2>{_t('indikatoren')}</h2>", *parts])
        + "</div>"
    )


def _t(key: str) -> str:
    return escape(text(f"kommonitor.plan.{key}"))


def _liste(sentences: tuple[str, ...]) -> str:
    return (
        "<ul>" + "".join(f"<li>{escape(sentence)}</li>" for sentence in sentences) + "</ul>"
        if sentences
        else ""
    )


def _indikator(plan: Plan, one: IndikatorPlan) -> str:
    state = _t("neu") if not one.kennung else _t("unveraendert") if one.unveraendert else _t("anders")
    rows = [(text("kommonitor.plan.angaben"), one.rechte_vorher, one.rechte)]
    rows += [
        (text("kommonitor.plan.werte_auf", ebene=level.name), level.rechte_vorher, level.rechte)
        for level in one.ebenen
    ]
    body = "".join(
        f'<tr><th scope="row">{escape(name)}</th><td>{escape(_rechte(plan, before) if before else text("kommonitor.plan.gab_es_nicht"))}</td>'
        f"<td>{escape(_rechte(plan, after))}</td></tr>"
        for name, before, after in rows
    )
    head = "".join(f'<th scope="col">{_t(key)}</th>' for key in ("was", "wer_jetzt", "wer_dann"))
    return "\n".join([
        f"<h3>{escape(one.name)} ({state})</h3>", _liste(one.hinweise),
        f'<div class="sa-tafel"><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>',
        *(_ebene(level) for level in one.ebenen),
    ])  # fmt: skip


def _rechte(plan: Plan, rights: Rechte) -> str:
    who = [
        plan.einheiten.get(one, one)
        for one in sorted(rights.erlaubt, key=lambda one: plan.einheiten.get(one, one))
    ]
    owner = plan.einheiten.get(rights.eigentuemer, "")
    parts = [
        text("kommonitor.plan.alle") if rights.oeffentlich else "",
        text("kommonitor.plan.eigentuemer", name=owner) if owner else "",
        ", ".join(who),
    ]
    return "; ".join(filter(None, parts)) or text("kommonitor.plan.niemand")


def _ebene(level: EbenePlan) -> str:
    changed = level.geaendert
    if not changed:
        return f"<p>{escape(level.name)}: {_t('werte_gleich')}</p>"
    rows = "".join(
        f'<tr><th scope="row">{escape(area)}</th><td>{formats.datum(day)}</td><td>{_zahl(before)}</td><td>{_zahl(after)}</td></tr>'
        for area, day, before, after in changed[:ZEIGE]
    )
    more = (
        f"<p>{escape(text('kommonitor.plan.mehr', zahl=len(changed) - ZEIGE))}</p>"
        if len(changed) > ZEIGE
        else ""
    )
    head = "".join(f'<th scope="col">{_t(key)}</th>' for key in ("gebiet", "stichtag", "jetzt", "dann"))
    days = ", ".join(formats.datum(day) for day in sorted({day for _, day, _, _ in changed}))
    return (
        f"<details><summary>{escape(text('kommonitor.plan.tafel', ebene=level.name, zahl=len(changed), tage=days))}</summary>"
        f'<div class="sa-tafel"><table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div>{more}</details>'
    )


def _zahl(value: Wert) -> str:
    if value is None:
        return "–"
    return escape(value) if isinstance(value, str) else zahl_knapp(value, 7)
