"""Counts drawn from the true rates, or their expected values.

Both come from the same code: :func:`zaehle` asks a :class:`Ziehung` (random) or an
:class:`Erwartung` (no noise). Parts are drawn out of their wholes, so they never exceed them.
Columns are called ``datensatz.feld`` as on the dataset pages; ``roh.*`` holds the full age table.
"""

from __future__ import annotations

from typing import Protocol

import numpy as np
import pandas as pd
import plan

ALTER = (0, 3, 6, 15, 18, 20, 25, 45, 65, 80)
"""First year of each age band."""
BREITE = (3, 3, 9, 3, 2, 5, 20, 20, 15, 15)
BAND = ("0_2", "3_5", "6_14", "15_17", "18_19", "20_24", "25_44", "45_64", "65_79", "80plus")
FRAUENANTEIL = (0.487, 0.487, 0.487, 0.485, 0.49, 0.49, 0.495, 0.505, 0.53, 0.62)
AUSLAENDER_RELATIV = (1.15, 1.15, 1.05, 1.0, 1.2, 1.45, 1.5, 0.85, 0.5, 0.25)
"""Share of foreigners in an age band relative to all ages."""

Zahlen = np.ndarray
Spalten = dict[str, Zahlen]


class Zieher(Protocol):
    def teil(self, whole: Zahlen, share: Zahlen | float) -> Zahlen:
        """Part of a whole with the given probability."""

    def ereignisse(self, expected: Zahlen) -> Zahlen:
        """Number of events."""

    def wert(self, value: Zahlen, spread: Zahlen | float) -> Zahlen:
        """Measured value."""


class Ziehung:
    """Binomial and Poisson draws."""

    def __init__(self, rng: np.random.Generator) -> None:
        self.rng = rng

    def teil(self, whole: Zahlen, share: Zahlen | float) -> Zahlen:
        return self.rng.binomial(whole, _anteil(share))

    def ereignisse(self, expected: Zahlen) -> Zahlen:
        return self.rng.poisson(np.round(expected, 6))

    def wert(self, value: Zahlen, spread: Zahlen | float) -> Zahlen:
        return value + spread * self.rng.normal(0, 1, len(value))


class Erwartung:
    """Expected values instead of draws."""

    def teil(self, whole: Zahlen, share: Zahlen | float) -> Zahlen:
        return whole * _anteil(share)

    def ereignisse(self, expected: Zahlen) -> Zahlen:
        return expected

    def wert(self, value: Zahlen, spread: Zahlen | float) -> Zahlen:
        return value


def _anteil(share: Zahlen | float) -> Zahlen:
    """Probability, rounded so that the last bit of a platform's arithmetic does not matter."""
    share = np.round(np.asarray(share, dtype=float), 9)
    if (share < 0).any() or (share > 1).any() or np.isnan(share).any():
        raise ValueError(
            f"planted rates contradict each other: share {np.nanmin(share)} to {np.nanmax(share)}"
        )
    return share


def zaehle(gebiete: pd.DataFrame, ew: pd.Series, raten: pd.DataFrame, zieh: Zieher) -> pd.DataFrame:
    """All delivered quantities of one date.

    Parameters
    ----------
    gebiete
        Index area ids; column ``typ``.
    ew
        Inhabitants per area.
    raten
        True rates per area in the unit of the plan.
    zieh
        :class:`Ziehung` or :class:`Erwartung`.
    """
    s: Spalten = {}
    r = {name: raten[name].to_numpy() for name in raten}
    struktur = {name: gebiete["typ"].map(values).to_numpy() for name, values in plan.STRUKTUR.items()}
    _melderegister(s, r, struktur, ew.to_numpy(), zieh)
    _haushalte(s, r, struktur, zieh)
    _ba(s, r, zieh)
    _soziales(s, r, zieh)
    _kinder(s, r, zieh)
    _integration(s, r, zieh)
    _wohnen(s, r, struktur, zieh)
    return pd.DataFrame(s, index=gebiete.index)


def _melderegister(s: Spalten, r: Spalten, struktur: Spalten, ew: Zahlen, zieh: Zieher) -> None:
    alt = zieh.teil(ew, r["DEM07"] / 100)
    hochaltrig = zieh.teil(alt, r["DEM08"] / r["DEM07"])
    jung = zieh.teil(ew - alt, r["DEM06"] / (100 - r["DEM07"]))
    klein = zieh.teil(jung, r["DEM05"] / r["DEM06"])
    krippe = zieh.teil(klein, 0.497)
    spaet = zieh.teil(jung - klein, 0.253)
    mitte = ew - alt - jung
    lern = zieh.teil(mitte, struktur["anteil_18_24"])
    frueh = zieh.teil(lern, 0.26)
    eltern = zieh.teil(mitte - lern, struktur["anteil_25_44"])
    bands = (
        krippe, klein - krippe, jung - klein - spaet, spaet, frueh, lern - frueh, eltern,
        mitte - lern - eltern, alt - hochaltrig, hochaltrig,
    )  # fmt: skip
    factor = np.array(AUSLAENDER_RELATIV)
    expected = sum(f * band for f, band in zip(factor, bands, strict=True)) / ew
    for name, band, relative, women in zip(BAND, bands, factor, FRAUENANTEIL, strict=True):
        foreign = zieh.teil(band, r["INT01"] / 100 * relative / expected)
        s[f"roh.ausl_w_{name}"] = zieh.teil(foreign, women - 0.02)
        s[f"roh.ausl_m_{name}"] = foreign - s[f"roh.ausl_w_{name}"]
        s[f"roh.dt_w_{name}"] = zieh.teil(band - foreign, women)
        s[f"roh.dt_m_{name}"] = band - foreign - s[f"roh.dt_w_{name}"]
        s[f"melderegister.ew_{name}"] = band
        s[f"melderegister.ausl_{name}"] = foreign
        s[f"melderegister.frauen_{name}"] = s[f"roh.ausl_w_{name}"] + s[f"roh.dt_w_{name}"]
    s["melderegister.ew"] = ew
    s["melderegister.ausl"] = sum(s[f"melderegister.ausl_{name}"] for name in BAND)
    s["melderegister.medianalter"] = np.round(_medianalter(bands), 1)


def _medianalter(bands: tuple[Zahlen, ...]) -> Zahlen:
    """Median of grouped ages, linear within the band."""
    upto = np.cumsum(np.column_stack(bands), axis=1)
    half = upto[:, -1:] / 2
    place = (upto < half).sum(axis=1)
    rows = np.arange(len(upto))
    before = np.where(place > 0, upto[rows, place - 1], 0)
    inside = (half[:, 0] - before) / np.maximum(upto[rows, place] - before, 1e-9)
    return np.array(ALTER)[place] + inside * np.array(BREITE)[place]


def _ew(s: Spalten, first: str, last: str, prefix: str = "ew") -> Zahlen:
    """People of a range of age bands."""
    return sum(s[f"melderegister.{prefix}_{name}"] for name in BAND[BAND.index(first) : BAND.index(last) + 1])


def _haushalte(s: Spalten, r: Spalten, struktur: Spalten, zieh: Zieher) -> None:
    total = np.round(s["melderegister.ew"] / struktur["personen_je_haushalt"]).astype(int)
    single = zieh.teil(total, r["DEM14"] / 100)
    s["haushalte.hh"] = total
    s["haushalte.hh_1"] = single
    s["haushalte.hh_1_65plus"] = np.minimum(zieh.teil(_ew(s, "65_79", "80plus"), r["DEM15"] / 100), single)
    s["haushalte.hh_kind"] = np.minimum(zieh.teil(_ew(s, "0_2", "15_17"), 0.6), total - single)
    s["haushalte.hh_alleinerz"] = zieh.teil(s["haushalte.hh_kind"], r["DEM16"] / 100)
    s["haushalte.hh_kind3"] = zieh.teil(s["haushalte.hh_kind"], r["DEM17"] / 100)


def _ba(s: Spalten, r: Spalten, zieh: Zieher) -> None:
    child, young, grown = _ew(s, "0_2", "6_14"), _ew(s, "15_17", "20_24"), _ew(s, "25_44", "45_64")
    working, women = young + grown, _ew(s, "15_17", "45_64", "frauen")
    foreign, foreign_working = _ew(s, "0_2", "45_64", "ausl"), _ew(s, "15_17", "45_64", "ausl")

    nef = zieh.teil(child, r["SOZ03"] / 100)
    elb_young = zieh.teil(young, r["SOZ04"] / 100)
    elb_grown = zieh.teil(grown, r["ELB25"] / 100)
    elb, rlb = elb_young + elb_grown, nef + elb_young + elb_grown
    s |= {"ba_akg.nef_u15": nef, "ba_akg.elb_15_24": elb_young, "ba_akg.elb": elb, "ba_akg.rlb": rlb}
    s["ba_akg.elb_erwerbstaetig"] = zieh.teil(elb, r["SOZ14"] / 100)
    s["ba_akg.elb_lang"] = zieh.teil(elb, r["SOZ15"] / 100)
    s["ba_akg.rlb_ausl"] = zieh.teil(rlb, np.minimum(r["INT04"] / 100 * foreign / rlb, 1))

    alo_young = zieh.teil(young, r["SOZ08"] / 100)
    alo_grown = zieh.teil(grown, (r["SOZ07"] * working - r["SOZ08"] * young) / (100 * grown))
    alo = alo_young + alo_grown
    s |= {"ba_akg.alo": alo, "ba_akg.alo_15_24": alo_young}
    s["ba_akg.alo_sgb2"] = np.minimum(zieh.teil(alo, 0.64), elb)
    s["ba_akg.alo_sgb3"] = alo - s["ba_akg.alo_sgb2"]
    s["ba_akg.alo_lang"] = zieh.teil(alo, r["SOZ09"] / 100)
    s["ba_akg.alo_ausl"] = zieh.teil(alo, np.minimum(r["INT05"] / 100 * foreign_working / alo, 1))

    svb_women = zieh.teil(women, r["SOZ11"] / 100)
    men = working - women
    svb_men = zieh.teil(men, (r["SOZ10"] * working - r["SOZ11"] * women) / (100 * men))
    s |= {"ba_akg.svb": svb_women + svb_men, "ba_akg.svb_frauen": svb_women}
    s["ba_akg.agb"] = zieh.teil(working, r["SOZ12"] / 100)
    s["ba_akg.bg_alleinerz"] = np.minimum(zieh.teil(s["haushalte.hh_alleinerz"], r["SOZ13"] / 100), elb)
    s["ba_akg.bg"] = np.maximum(s["ba_akg.bg_alleinerz"], zieh.teil(elb, 0.7))
    s["ba_akg.bg_kdu"] = zieh.teil(s["ba_akg.bg"], 0.95)
    s["ba_akg.bg_kdu_ueber"] = zieh.teil(s["ba_akg.bg_kdu"], r["WOH08"] / 100)


def _soziales(s: Spalten, r: Spalten, zieh: Zieher) -> None:
    ew, old = s["melderegister.ew"], _ew(s, "65_79", "80plus")
    middle, young = _ew(s, "18_19", "45_64"), _ew(s, "0_2", "15_17")
    s["sozialamt.gsia"] = zieh.teil(old, r["SOZ05"] / 100)
    s["sozialamt.gsie"] = zieh.teil(middle, r["SOZ06"] / 100)
    s["sozialamt.hlu"] = zieh.teil(ew, r["HLU"] / 1000)
    s["sozialamt.asylblg"] = zieh.teil(ew, r["ASYL"] / 1000)
    s["sozialamt.hzp"] = zieh.teil(old, r["GES08"] / 1000)
    s["sozialamt.wohngeld"] = zieh.teil(s["haushalte.hh"], r["SOZ16"] / 1000)
    s["schwerbehinderung.sb_u18"] = zieh.teil(young, r["BEH01"] / 100)
    s["schwerbehinderung.sb_18_64"] = zieh.teil(middle, r["BEH02"] / 100)
    s["schwerbehinderung.sb_65plus"] = zieh.teil(old, r["BEH03"] / 100)
    s["schwerbehinderung.sb"] = sum(s[f"schwerbehinderung.sb_{part}"] for part in ("u18", "18_64", "65plus"))
    s["schwerbehinderung.sb_ag"] = zieh.teil(
        s["schwerbehinderung.sb"], r["BEH04"] / 1000 * ew / s["schwerbehinderung.sb"]
    )


def _kinder(s: Spalten, r: Spalten, zieh: Zieher) -> None:
    u3, ue3, school = (s[f"melderegister.ew_{band}"] for band in ("0_2", "3_5", "6_14"))
    s["jugendamt.kita_u3"] = zieh.teil(u3, r["BIL01"] / 100)
    s["jugendamt.kita_ue3"] = zieh.teil(ue3, r["BIL02"] / 100)
    care = s["jugendamt.kita_u3"] + s["jugendamt.kita_ue3"]
    s["jugendamt.kita_sprache"] = zieh.teil(care, r["BIL03"] / 100)
    s["jugendamt.kita_inklusion"] = zieh.teil(care, r["BEH07"] / 100)

    seen = zieh.teil(ue3, 0.93)
    s["gesundheitsamt.untersucht"] = seen
    s["gesundheitsamt.uebergewicht"] = zieh.teil(seen, r["GES01"] / 100)
    s["gesundheitsamt.sprache"] = zieh.teil(seen, r["BIL04"] / 100)
    s["gesundheitsamt.motorik"] = zieh.teil(seen, r["GES04"] / 100)
    s["gesundheitsamt.heft"] = zieh.teil(seen, 0.92)
    s["gesundheitsamt.heft_vollstaendig"] = zieh.teil(s["gesundheitsamt.heft"], r["GES03"] / 100)
    s["gesundheitsamt.impfausweis"] = zieh.teil(seen, 0.9)
    s["gesundheitsamt.masern"] = zieh.teil(s["gesundheitsamt.impfausweis"], r["GES05"] / 100)
    s["gesundheitsamt.zahn_untersucht"] = zieh.teil(ue3, 0.86)
    s["gesundheitsamt.zahn_behandlung"] = zieh.teil(s["gesundheitsamt.zahn_untersucht"], r["GES02"] / 100)

    s["schulamt.uebergaenge"] = zieh.teil(school, 0.31)
    s["schulamt.uebergaenge_gym"] = zieh.teil(s["schulamt.uebergaenge"], r["BIL05"] / 100)
    s["schulamt.schueler"] = zieh.teil(school, 0.97)
    s["schulamt.schueler_spu"] = zieh.teil(s["schulamt.schueler"], r["BIL07"] / 100)
    s["schulamt.schueler_spu_gl"] = zieh.teil(s["schulamt.schueler_spu"], r["BEH06"] / 100)
    s["schulamt.grundschule"] = zieh.teil(s["schulamt.schueler"], 0.43)
    s["schulamt.ogs"] = zieh.teil(s["schulamt.grundschule"], r["BIL08"] / 100)


def _integration(s: Spalten, r: Spalten, zieh: Zieher) -> None:
    ew, young, foreign = s["melderegister.ew"], _ew(s, "0_2", "15_17"), _ew(s, "0_2", "15_17", "ausl")
    grown, foreign_grown = ew - young, s["melderegister.ausl"] - foreign
    own_young, own_grown = young - foreign, grown - foreign_grown
    wanted = np.maximum(r["INT03"] / 100 * young - foreign, 0)
    mhg_young = foreign + zieh.teil(own_young, wanted / own_young)
    mhg_grown = foreign_grown + zieh.teil(own_grown, r["MHG_DT"] / 100)
    s |= {"integration.mhg": mhg_young + mhg_grown, "integration.mhg_u18": mhg_young}
    s["integration.ausl_5j"] = zieh.teil(s["melderegister.ausl"], 0.62)
    s["integration.einbuergerungen"] = zieh.teil(s["integration.ausl_5j"], 3 * r["INT06"] / 1000)

    births = zieh.ereignisse(3 * s["melderegister.ew_0_2"] / 3 * 0.98)
    s["bewegungen.geburten"] = births
    s["bewegungen.sterbefaelle"] = zieh.ereignisse(
        3 * (0.095 * s["melderegister.ew_80plus"] + 0.022 * s["melderegister.ew_65_79"] + 0.0022 * ew)
    )
    s["bewegungen.zuzuege"] = zieh.ereignisse(3 * ew * (r["DEM18"] / 100 + r["DEM12"] / 2000))
    s["bewegungen.fortzuege"] = zieh.ereignisse(3 * ew * (r["DEM18"] / 100 - r["DEM12"] / 2000))
    s["bewegungen.ausland"] = zieh.teil(
        s["bewegungen.zuzuege"], 3 * ew * r["INT07"] / 1000 / s["bewegungen.zuzuege"]
    )


def _wohnen(s: Spalten, r: Spalten, struktur: Spalten, zieh: Zieher) -> None:
    ew, households = s["melderegister.ew"], s["haushalte.hh"]
    flats = np.round(households / (1 - r["WOH06"] / 100)).astype(int)
    rented = zieh.teil(flats, struktur["mietanteil"])
    s["wohnen.wohnungen"] = flats
    s["wohnen.leerstand"] = zieh.teil(flats, r["WOH06"] / 100)
    s["wohnen.mietwohnungen"] = rented
    s["wohnen.gebunden"] = zieh.teil(rented, r["WOH02"] / 100)
    s["wohnen.bindung_endet"] = zieh.teil(s["wohnen.gebunden"], r["WOH03"] / 100)
    s["wohnen.gebaeude"] = np.round(flats / struktur["wohnungen_je_gebaeude"]).astype(int)
    s["wohnen.gebaeude_1_2"] = zieh.teil(s["wohnen.gebaeude"], r["WOH04"] / 100)
    s["wohnen.flaeche_qm"] = np.round(zieh.wert(r["WOH05"], 0.35) * ew).astype(int)
    s["wohnen.wbs"] = zieh.teil(households, r["WOH09"] / 1000)
    s["wohnen.fertiggestellt"] = zieh.ereignisse(5 * ew * r["WOH10"] / 1000)
    offers = zieh.ereignisse(0.035 * rented)
    s["wohnen.inserate"] = offers
    s["wohnen.miete"] = np.round(zieh.wert(r["WOH01"], 1.2 / np.sqrt(np.maximum(offers, 1))), 2)
