"""An invented county inside a fake KomMonitor: units, levels, topics, series with the oddities of real ones."""

from __future__ import annotations

import random
from dataclasses import dataclass, field

from kommonitor_fake import Fake, gebiet, viereck

NAMEN = ["Ahausen", "Beerental", "Cranheim", "Dornau", "Eichberg", "Feldkirchen"]
TAGE = ("2021-12-31", "2022-12-31", "2023-12-31")
RELATIV = {
    "SGB-II-Quote": (4, 28), "Kinderarmut": (5, 40), "Arbeitslosenanteil": (2, 14), "Anteil Alleinerziehende": (12, 34),
    "Wechsel zum Gymnasium": (20, 60), "Anteil 65 und älter": (14, 30),
}  # fmt: skip


@dataclass
class Kreis:
    """The keys of what was put into the fake."""

    fake: Fake
    planung: str = ""
    kommunen: list[str] = field(default_factory=list)
    """Units of the municipalities, in the order of ``NAMEN``."""
    gemeinden: str = ""
    raeume: str = ""
    thema: str = ""
    indikatoren: dict[str, str] = field(default_factory=dict)
    ids: list[str] = field(default_factory=list)


def fuelle(fake: Fake, kommunen: int = 3, je: int = 3, saat: int = 1) -> Kreis:
    """``kommunen`` times ``je`` areas; a municipality is a row of squares, so parents can be found by place."""
    rng, kreis = random.Random(saat), Kreis(fake)
    kreis.planung = fake.unit("Sozialplanung")
    kreis.kommunen = [fake.unit(f"Stadt {NAMEN[i]}") for i in range(kommunen)]
    towns, areas = [], []
    for i in range(kommunen):
        ags = f"0599900{i + 1}"
        boxes = [viereck(i * 20 + j, spalten=20) for j in range(je)]
        ring = [boxes[0]["coordinates"][0][0], boxes[-1]["coordinates"][0][1], boxes[-1]["coordinates"][0][2],
                boxes[0]["coordinates"][0][3], boxes[0]["coordinates"][0][0]]  # fmt: skip
        towns.append(gebiet(ags, NAMEN[i], {"type": "Polygon", "coordinates": [ring]}))
        for j, box in enumerate(boxes):
            areas.append(gebiet(f"{NAMEN[i][0]} {j + 1}", f"{NAMEN[i]} {j + 1}", box))
    # the boundary of the first area changed: two periods, the same id
    first = areas[0]
    areas.insert(0, gebiet(first["properties"]["ID"], first["properties"]["NAME"], first["geometry"], "2000-01-01", "2021-12-31"))  # fmt: skip
    first["properties"]["validStartDate"] = "2022-01-01"
    kreis.gemeinden = fake.level("Gemeinden", towns, owner=kreis.planung)
    kreis.raeume = fake.level("Sozialräume", areas, owner=kreis.planung, upper=kreis.gemeinden)
    kreis.thema = fake.topic("Soziale Lage")
    fake.topic("Straßen", "georesource")
    kreis.ids = list(dict.fromkeys(area["properties"]["ID"] for area in areas))
    people = {key: {day: float(rng.randrange(600, 4000)) for day in TAGE} for key in kreis.ids}

    def upward(series: dict[str, dict[str, float]]) -> dict[str, dict[str, float]]:
        return {f"0599900{i + 1}": {day: sum(series[k][day] for k in kreis.ids[i * je : (i + 1) * je]) for day in TAGE} for i in range(kommunen)}  # fmt: skip

    kreis.indikatoren["Einwohner"] = fake.indicator(
        "Einwohner", owner=kreis.planung, topic=kreis.thema, unit="Personen",
        series={kreis.raeume: people, kreis.gemeinden: upward(people)},
    )  # fmt: skip
    for number, (name, (low, high)) in enumerate(RELATIV.items()):
        burden = {key: rng.random() for key in kreis.ids}
        rows: dict[str, dict[str, float | None]] = {
            key: {day: round(low + (high - low) * min(max(burden[key] + rng.gauss(0, 0.05), 0), 1), 1) for day in TAGE} for key in kreis.ids
        }  # fmt: skip
        if number == 1:
            rows[kreis.ids[-1]][TAGE[0]] = None  # not collected
        kreis.indikatoren[name] = fake.indicator(
            name, owner=kreis.planung, topic=kreis.thema, unit="%", indicatorType="STATUS_RELATIVE", series={kreis.raeume: rows},
        )  # fmt: skip
    return kreis
