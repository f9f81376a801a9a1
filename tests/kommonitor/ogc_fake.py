"""OGC API Features and WFS 2.0 with the vices of real ones; a process of its own, because GDAL blocks the asking one.

``python ogc_fake.py`` prints its port. The first word of a path says how it behaves, the second which service it is.
"""

from __future__ import annotations

import json
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

GEBIETE = [(f"A {i + 1}", 1000 + 10 * i) for i in range(5)]
SEITE = 2
"""Objects on a page."""
SEITENWEISE = """<ows:OperationsMetadata><ows:Operation name="GetFeature"><ows:DCP><ows:HTTP><ows:Get xlink:href="{hier}?"/></ows:HTTP></ows:DCP>
{zahl}</ows:Operation><ows:Constraint name="ImplementsResultPaging"><ows:NoValues/><ows:DefaultValue>{kann}</ows:DefaultValue></ows:Constraint></ows:OperationsMetadata>"""
ZAHL = '<ows:Constraint name="CountDefault"><ows:NoValues/><ows:DefaultValue>2</ows:DefaultValue></ows:Constraint>'
FAEHIG = """<?xml version="1.0" encoding="UTF-8"?>
<wfs:WFS_Capabilities version="2.0.0" xmlns:wfs="http://www.opengis.net/wfs/2.0" xmlns:ows="http://www.opengis.net/ows/1.1" xmlns:xlink="http://www.w3.org/1999/xlink" xmlns:kreis="http://kreis.example">
<ows:ServiceIdentification><ows:Title>Kreis</ows:Title><ows:ServiceType>WFS</ows:ServiceType><ows:ServiceTypeVersion>2.0.0</ows:ServiceTypeVersion></ows:ServiceIdentification>
{seiten}
<FeatureTypeList xmlns="http://www.opengis.net/wfs/2.0">{typen}</FeatureTypeList></wfs:WFS_Capabilities>"""
TYP = """<FeatureType><Name>{name}</Name><Title>{name}</Title><DefaultCRS>{crs}</DefaultCRS>
<ows:WGS84BoundingBox><ows:LowerCorner>5 50</ows:LowerCorner><ows:UpperCorner>7 52</ows:UpperCorner></ows:WGS84BoundingBox></FeatureType>"""
SCHEMA = """<?xml version="1.0" encoding="UTF-8"?>
<xsd:schema xmlns:xsd="http://www.w3.org/2001/XMLSchema" xmlns:gml="http://www.opengis.net/gml/3.2" xmlns:kreis="http://kreis.example" targetNamespace="http://kreis.example" elementFormDefault="qualified">
<xsd:import namespace="http://www.opengis.net/gml/3.2"/>
<xsd:complexType name="gebieteType"><xsd:complexContent><xsd:extension base="gml:AbstractFeatureType"><xsd:sequence>
<xsd:element name="gebiet" type="xsd:string" minOccurs="0"/><xsd:element name="einwohner" type="xsd:int" minOccurs="0"/><xsd:element name="form" type="gml:SurfacePropertyType" minOccurs="0"/>
</xsd:sequence></xsd:extension></xsd:complexContent></xsd:complexType>
<xsd:element name="gebiete" type="kreis:gebieteType" substitutionGroup="gml:AbstractFeature"/></xsd:schema>"""
FEHLER = """<?xml version="1.0" encoding="UTF-8"?><ows:ExceptionReport version="2.0.0" xmlns:ows="http://www.opengis.net/ows/1.1">
<ows:Exception exceptionCode="OperationProcessingFailed"><ows:ExceptionText>relation does not exist</ows:ExceptionText></ows:Exception></ows:ExceptionReport>"""
HTML = "<!DOCTYPE html><html><body>Wartung</body></html>"
CRS = {"utm": "urn:ogc:def:crs:EPSG::25832", "grad": "urn:ogc:def:crs:EPSG::4326", "erfunden": "urn:ogc:def:crs:EPSG::99999"}  # fmt: skip
Antwort = tuple[int, str, str]


def ecke(i: int) -> tuple[int, int]:
    """Lower left corner of an area in UTM 32, metres."""
    return 300_000 + i * 1000, 5_600_000


def gml(i: int, crs: str) -> str:
    key, people = GEBIETE[i]
    x, y = ecke(i)
    ring = " ".join(f"{a} {b}" for a, b in ((x, y), (x + 1000, y), (x + 1000, y + 1000), (x, y + 1000), (x, y)))  # fmt: skip
    shape = f'<gml:Polygon srsName="{crs}" gml:id="p{i}"><gml:exterior><gml:LinearRing><gml:posList>{ring}</gml:posList></gml:LinearRing></gml:exterior></gml:Polygon>'
    return f'<wfs:member><kreis:gebiete gml:id="gebiete.{i}"><kreis:gebiet>{key}</kreis:gebiet><kreis:einwohner>{people}</kreis:einwohner><kreis:form>{shape}</kreis:form></kreis:gebiete></wfs:member>'


def wfs(art: str, hier: str, wahl: dict[str, str]) -> Antwort:
    crs = CRS.get(art, CRS["utm"])
    match wahl.get("request", "").lower():
        case "getcapabilities":
            names = ["kreis:gebiete", "kreis:strassen"] if art == "mehrere" else ["kreis:gebiete"]
            pages = SEITENWEISE.format(
                hier=hier,
                kann="FALSE" if art == "gekuerzt" else "TRUE",
                zahl="" if art == "verschwiegen" else ZAHL,
            )
            return 200, "text/xml", FAEHIG.format(seiten=pages, typen="".join(TYP.format(name=name, crs=crs) for name in names))  # fmt: skip
        case "describefeaturetype":
            return 200, "text/xml", SCHEMA
        case "getfeature":
            first, count = int(wahl.get("startindex", 0)), int(wahl.get("count", 10**6))
            if art == "kaputt" or (art == "bricht" and first):
                return 200, "text/xml", FEHLER
            count = min(count, SEITE)
            chosen = [] if wahl.get("resulttype") == "hits" else range(first, min(first + count, len(GEBIETE)))  # fmt: skip
            if art == "leer":
                chosen = []
            total = 0 if art == "leer" else len(GEBIETE)
            return 200, "text/xml", (
                f'<?xml version="1.0" encoding="UTF-8"?><wfs:FeatureCollection xmlns:wfs="http://www.opengis.net/wfs/2.0" xmlns:gml="http://www.opengis.net/gml/3.2" '
                f'xmlns:kreis="http://kreis.example" numberMatched="{total}" numberReturned="{len(chosen)}" timeStamp="2024-01-01T00:00:00Z">'
                + "".join(gml(i, crs) for i in chosen) + "</wfs:FeatureCollection>"
            )  # fmt: skip
    return 400, "text/xml", FEHLER


def oapif(art: str, hier: str, rest: str, wahl: dict[str, str]) -> Antwort:
    def answer(content: Any, kind: str = "application/json") -> Antwort:
        return 200, kind, json.dumps(content)

    def collection(name: str) -> dict[str, Any]:
        links = [{"href": f"{hier}/collections/{name}/items", "rel": "items", "type": "application/geo+json"}]
        return {"id": name, "title": name, "links": links, "itemType": "feature"}

    names = ["gebiete", "strassen"] if art == "mehrere" else ["gebiete"]
    match rest.strip("/").split("/"):
        case [""]:
            links = [{"href": f"{hier}/{what}", "rel": rel, "type": "application/json"} for what, rel in (("collections", "data"), ("conformance", "conformance"))]  # fmt: skip
            return answer({"title": "Kreis", "links": links})
        case ["collections"]:
            return answer({"collections": [collection(name) for name in names], "links": []})
        case ["collections", name]:
            return answer(collection(name))
        case ["collections", name, "items"]:
            first, limit = int(wahl.get("offset", 0)), min(int(wahl.get("limit", SEITE)), SEITE)
            if art == "kaputt" or (art == "bricht" and first):
                return 500, "application/json", json.dumps({"code": "InternalError", "description": "relation does not exist"})  # fmt: skip
            total = 0 if art == "leer" else len(GEBIETE)
            found = []
            for i in range(first, min(first + limit, total)):
                x, y = (ecke(i)) if art == "grad" else (6 + i * 0.01, 50)
                size = 1000 if art == "grad" else 0.01
                ring = [[x, y], [x + size, y], [x + size, y + size], [x, y + size], [x, y]]
                found.append({"type": "Feature", "id": i, "geometry": {"type": "Polygon", "coordinates": [ring]}, "properties": dict(zip(("gebiet", "einwohner"), GEBIETE[i], strict=True))})  # fmt: skip
            links = [{"href": f"{hier}/collections/{name}/items?offset={first + limit}&limit={limit}", "rel": "next", "type": "application/geo+json"}] if first + limit < total and art != "gekuerzt" else []  # fmt: skip
            return answer({"type": "FeatureCollection", "features": found, "links": links, "numberMatched": total, "numberReturned": len(found)}, "application/geo+json")  # fmt: skip
    return 404, "application/json", json.dumps({"code": "NotFound"})


class Handler(BaseHTTPRequestHandler):
    def log_message(self, *_: object) -> None: ...

    def do_GET(self) -> None:
        where = urlsplit(self.path)
        art, _, rest = where.path.lstrip("/").partition("/")
        service, _, rest = rest.partition("/")
        here = f"http://{self.headers['Host']}/{art}/{service}"
        asked = {key.lower(): found[0] for key, found in parse_qs(where.query).items()}
        if "-v" in sys.argv:
            print(self.path, file=sys.stderr, flush=True)
        status, kind, text = (200, "text/html", HTML) if art == "html" else wfs(art, here, asked) if service == "wfs" else oapif(art, here, rest, asked)  # fmt: skip
        data = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)


if __name__ == "__main__":
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    print(server.server_port, flush=True)
    server.serve_forever()
