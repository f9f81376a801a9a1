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
    """All objects of a collection, as many as the service says it has, in degrees."""
    import pyogrio
    from pyogrio.errors import DataLayerError, DataSourceError, FieldError
    from pyproj.exceptions import CRSError

    pyogrio.set_gdal_config_options(
        {"GDAL_HTTP_TIMEOUT": 60, "GDAL_HTTP_CONNECTTIMEOUT": 10, "GDAL_HTTP_MAX_RETRY": 0}
    )
    source = _VORSILBE[abruf.dienst] + abruf.adresse
    try:
        layer = abruf.ebene or _einzige(source, abruf)
        told = pyogrio.read_info(source, layer=layer, force_feature_count=True)
    except DataLayerError:
        raise NetzFehler(_angebot(source, abruf)) from None
    except (DataSourceError, FieldError, CRSError, UnicodeError):
        raise _kein_dienst(abruf) from None
    if told["features"] > MEISTE_OBJEKTE:
        raise NetzFehler(
            f"{abruf.adresse} hat mehr als {MEISTE_OBJEKTE} Objekte. Bitte eine kleinere Ebene wählen."
        )
    if told["geometry_type"] is not None and told["crs"] is None:
        raise NetzFehler(f"{abruf.adresse} nennt für „{layer}“ kein bekanntes Koordinatensystem; die Umrisse lägen irgendwo. Bitte den Betreiber des Dienstes fragen.")  # fmt: skip
    try:
        frame = pyogrio.read_dataframe(
            source, layer=layer
        )  # with a bound GDAL repeats the first page of some
    except (RuntimeError, ValueError):  # what its errors derive from
        raise NetzFehler(f"{abruf.adresse} hat beim Lesen von „{layer}“ abgebrochen; es wurde nichts abgelegt. Bitte später noch einmal versuchen oder den Betreiber des Dienstes fragen.") from None  # fmt: skip
    if not len(frame):
        raise NetzFehler(f"{abruf.adresse}: „{layer}“ enthält keine Objekte. Bitte „ebene“ auf der Datensatzseite prüfen.")  # fmt: skip
    if len(frame) != told["features"]:
        raise NetzFehler(
            f"{abruf.adresse} gibt von {told['features']} Objekten {len(frame)} heraus, vermutlich wegen einer Begrenzung. "
            "Bitte den Betreiber bitten, sie aufzuheben, oder eine Datei liefern lassen."
        )
    return (
        abruf.datei,
        _text(frame, abruf, layer).encode(),
        {"quelle": abruf.dienst, "server": abruf.adresse, "version": "", "ebene": layer},
    )


def _einzige(source: str, abruf: UrlAbruf) -> str:
    import pyogrio

    layers = [str(name) for name, _ in pyogrio.list_layers(source)]
    if len(layers) != 1:
        raise NetzFehler(_angebot(source, abruf, layers))
    return layers[0]


def _angebot(source: str, abruf: UrlAbruf, layers: list[str] | None = None) -> str:
    """What the service offers instead of the collection that is not there or not named."""
    import pyogrio

    found = [str(name) for name, _ in pyogrio.list_layers(source)] if layers is None else layers
    if not found:
        return f"{abruf.adresse} bietet nichts an. Bitte die Adresse auf der Datensatzseite prüfen."
    return f"{abruf.adresse} bietet an: {', '.join(found[:20])}{' …' if len(found) > 20 else ''}. Bitte eine davon als „ebene“ auf der Datensatzseite nennen."  # fmt: skip


def _kein_dienst(abruf: UrlAbruf) -> NetzFehler:
    return NetzFehler(f"{abruf.adresse} antwortet nicht als Dienst ({abruf.dienst}). Bitte Adresse und „dienst“ auf der Datensatzseite prüfen.")  # fmt: skip


def _text(frame: Any, abruf: UrlAbruf, layer: str) -> str:
    """GeoJSON in degrees, or JSON where there are no shapes.

    Raises
    ------
    NetzFehler
        If the coordinates cannot be those of the system the service names.
    """
    if not hasattr(frame, "to_crs"):
        return str(frame.to_json(orient="records", force_ascii=False))
    degrees = frame.to_crs(4326)
    west, south, east, north = degrees.total_bounds
    if not (-180 <= west <= east <= 180 and -90 <= south <= north <= 90) and degrees.geometry.notna().any():
        raise NetzFehler(f"{abruf.adresse}: Die Umrisse von „{layer}“ passen nicht zum Koordinatensystem, das der Dienst nennt ({frame.crs.to_string()}). Bitte den Betreiber des Dienstes fragen.")  # fmt: skip
    return str(degrees.to_json(drop_id=True, na="null", ensure_ascii=False))
