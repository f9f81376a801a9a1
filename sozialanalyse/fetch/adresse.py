"""A file behind an address, or the features of an OGC service, read by GDAL."""

from __future__ import annotations

from typing import Any
from urllib.parse import urljoin, urlsplit

from sozialanalyse.base import Netz, NetzFehler
from sozialanalyse.region import UrlAbruf

Datei = tuple[str, bytes, dict[str, Any]]
_WEITER = 5
"""So often an address may point to another one."""
_VORSILBE = {"ogc-api": "OAPIF:", "wfs": "WFS:"}
MEISTE_OBJEKTE = 500_000


def hole(abruf: UrlAbruf) -> Datei:
    """Fetch what a page names.

    Raises
    ------
    NetzFehler
        If nothing, or a web page, is there.
    """
    return _file(abruf) if abruf.dienst == "datei" else _features(abruf)


def _file(abruf: UrlAbruf) -> Datei:
    address = abruf.adresse
    for _ in range(_WEITER):
        with Netz(address) as netz:
            found = netz.frage("GET", "")
        target = found.kopf.get("location", "")
        if not (300 <= found.status < 400 and target):
            break
        address = urljoin(address, target)
        if urlsplit(abruf.adresse).scheme == "https" and urlsplit(address).scheme != "https":
            raise NetzFehler(
                f"{abruf.adresse} verweist auf eine Adresse ohne https; sie wird nicht geöffnet."
            )
    if not found.gut:
        raise NetzFehler(f"{abruf.adresse}: Dort ist keine Datei ({found.status}). Bitte die Adresse auf der Datensatzseite prüfen.", status=found.status)  # fmt: skip
    if not found.inhalt:
        raise NetzFehler(f"{abruf.adresse}: Die Datei ist leer.")
    if found.inhalt[:200].lstrip().lower().startswith((b"<!doctype html", b"<html")):
        raise NetzFehler(f"{abruf.adresse} ist eine Webseite, keine Datei. Bitte die Adresse der Datei selbst eintragen (rechte Maustaste, „Link kopieren“).")  # fmt: skip
    told = {name: found.kopf[name] for name in ("last-modified", "etag") if name in found.kopf}
    return abruf.datei, found.inhalt, {"quelle": "url", "server": abruf.adresse, "version": "", "stand": told}


def _features(abruf: UrlAbruf) -> Datei:
    import pyogrio
    from pyogrio.errors import DataLayerError, DataSourceError

    pyogrio.set_gdal_config_options(
        {"GDAL_HTTP_TIMEOUT": 60, "GDAL_HTTP_CONNECTTIMEOUT": 10, "GDAL_HTTP_MAX_RETRY": 0}
    )
    source = _VORSILBE[abruf.dienst] + abruf.adresse
    try:
        layers = [str(name) for name, _ in pyogrio.list_layers(source)]
        layer = abruf.ebene or (layers[0] if len(layers) == 1 else "")
        if layer not in layers:
            raise NetzFehler(f"{abruf.adresse} bietet an: {', '.join(layers[:20])}. Bitte eine davon als „ebene“ auf der Datensatzseite nennen.")  # fmt: skip
        frame = pyogrio.read_dataframe(source, layer=layer, max_features=MEISTE_OBJEKTE + 1)
    except (DataSourceError, DataLayerError):
        raise NetzFehler(f"{abruf.adresse} antwortet nicht als Dienst ({abruf.dienst}). Bitte Adresse und „dienst“ auf der Datensatzseite prüfen.") from None  # fmt: skip
    if len(frame) > MEISTE_OBJEKTE:
        raise NetzFehler(
            f"{abruf.adresse} hat mehr als {MEISTE_OBJEKTE} Objekte. Bitte eine kleinere Ebene wählen."
        )
    if hasattr(frame, "to_crs"):
        content = (frame.to_crs(4326) if frame.crs is not None else frame).to_json(
            drop_id=True, na="null", ensure_ascii=False
        )
    else:
        content = frame.to_json(orient="records", force_ascii=False)
    return (
        abruf.datei,
        content.encode(),
        {"quelle": abruf.dienst, "server": abruf.adresse, "version": "", "ebene": layer},
    )
