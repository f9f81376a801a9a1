"""Contrast by the WCAG formula, distance of colours as colour-blind readers see them."""

import itertools
import re
from importlib.resources import files

import numpy as np
import pytest

from sozialanalyse.present import theme

# Machado, Oliveira & Fernandes 2009, severity 1.0, on linear RGB
SEHEN = {
    "normal": np.eye(3),
    "protanop": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "deuteranop": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.01182, 0.04294, 0.968881]],
    "tritanop": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.3039]],
}  # fmt: skip
FLAECHEN = [*theme.TYPEN, *theme.sequenziell(9), *theme.divergierend(9), theme.FEHLT]


def linear(colour: str) -> np.ndarray:
    raw = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    return np.where(raw <= 0.04045, raw / 12.92, ((raw + 0.055) / 1.055) ** 2.4)


def contrast(a: str, b: str) -> float:
    low, high = sorted(float(linear(c) @ [0.2126, 0.7152, 0.0722]) for c in (a, b))
    return (high + 0.05) / (low + 0.05)


def lab(colour: str, vision: str) -> np.ndarray:
    """CIE L*a*b* (D65) after the simulation."""
    seen = np.clip(np.array(SEHEN[vision]) @ linear(colour), 0, 1)
    xyz = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]) @ seen
    t = xyz / [0.9505, 1.0, 1.089]
    f = np.where(t > 0.008856, np.cbrt(t), 7.787 * t + 16 / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


def nearest(colours: list[str], vision: str) -> float:
    pairs = itertools.combinations([lab(colour, vision) for colour in colours], 2)
    return min(float(np.linalg.norm(a - b)) for a, b in pairs)


def test_the_formula_itself():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert lab("#ffffff", "normal") == pytest.approx([100, 0, 0], abs=0.1)


@pytest.mark.parametrize("colour", FLAECHEN)
def test_outline_and_text_stand_out_from_every_fill(colour):
    assert contrast(theme.kante_um(colour), colour) >= 3
    assert contrast(theme.schrift_auf(colour), colour) >= 4.5


@pytest.mark.parametrize(
    ("text", "ground"),
    [
        (theme.TEXT, theme.PAPIER),
        (theme.TEXT_LEISE, theme.PAPIER),
        (theme.TEXT_LEISE, theme.FLAECHE),
        (theme.AKZENT, theme.PAPIER),
        (theme.AKZENT, theme.FLAECHE),
        (theme.PAPIER, theme.AKZENT),
        (theme.TEXT, theme.AKZENT_FLAECHE),
        (theme.WARNUNG, theme.WARNUNG_FLAECHE),
        (theme.TEXT, theme.WARNUNG_FLAECHE),
    ],
)
def test_text_is_legible(text, ground):
    assert contrast(text, ground) >= 4.5


def test_lines_that_carry_meaning_are_visible():
    for colour in (theme.LINIE, theme.ZWISCHEN, theme.REGION, theme.FOKUS, theme.TINTE):
        assert contrast(colour, theme.PAPIER) >= 3
    assert contrast(theme.ZWISCHEN, theme.INNERHALB) >= 3


@pytest.mark.parametrize("vision", SEHEN)
def test_colours_stay_apart_for_every_reader(vision):
    assert nearest(list(theme.TYPEN), vision) >= 10
    assert nearest(list(theme.TYPEN[:5]), vision) >= 12
    assert nearest(theme.sequenziell(5), vision) >= 11
    assert nearest(theme.divergierend(5), vision) >= 11


@pytest.mark.parametrize("n", range(1, 10))
def test_sequential_scale_darkens_and_survives_a_grey_print(n):
    light = [float(linear(c) @ [0.2126, 0.7152, 0.0722]) for c in theme.sequenziell(n)]
    assert len(light) == n
    assert all(b < a for a, b in itertools.pairwise(light))


def test_need_is_blue_on_every_scale():
    assert theme.sequenziell(5, -1) == theme.sequenziell(5)[::-1]
    assert theme.divergierend(5, -1) == theme.divergierend(5)[::-1]
    for most in (theme.sequenziell(5)[-1], theme.divergierend(5)[-1]):
        red, blue = (int(most[i : i + 2], 16) for i in (1, 5))
        assert blue > red


def test_tables_on_screen_and_on_paper_have_the_shades_of_the_maps():
    shades = theme.bedarfsstufen()
    assert shades == [theme.divergierend(9)[i] for i in (1, 3, 5, 7)]
    rules = re.findall(
        r"sa-s(\d):not\(\.sa-u\), \.sa-s(\d)\.sa-u\) \{ background: (#\w{6})", theme.stylesheet()
    )
    assert [(int(high), int(turned)) for high, turned, _ in rules] == [(1, 5), (2, 4), (4, 2), (5, 1)]
    assert [colour for _, _, colour in rules] == shades
    paper = files("sozialanalyse.publish").joinpath("druck.typ").read_text(encoding="utf-8")
    printed = re.findall(
        r"#\w{6}", next(line for line in paper.splitlines() if line.startswith("#let stufen ="))
    )
    assert printed[:4] == shades


def test_diverging_scale_is_lightest_in_the_middle():
    light = [contrast(c, "#000000") for c in theme.divergierend(7)]
    assert max(light) == light[3]


def test_stylesheet_is_complete_and_asks_nobody():
    css = theme.stylesheet()
    assert "$" not in css
    assert not re.search(r"url\(|@import|@font-face|https?:", css)
    assert css.count("{") == css.count("}")
    for need in (":focus-visible", "prefers-reduced-motion", "@media print", "forced-colors"):
        assert need in css
    selectors = re.findall(r"^([^@{}\s/][^{}]*)\{", css, flags=re.MULTILINE)
    assert all(re.search(r"\.sa|body\.sa-seite", part) for group in selectors for part in group.split(","))
