"""The colours of the stylesheet, computed: WCAG 2.2 §1.4.3 and §1.4.11."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

CSS = Path("static/portal/portal.css").read_text(encoding="utf-8")
TOKEN = re.compile(
    r"--([a-z-]+): light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\)", re.ASCII
)
TOKENS = {name: (light, dark) for name, light, dark in TOKEN.findall(CSS)}
GROUNDS = ("bg", "surface", "sunken")
WORDS = ("text", "muted", "ok", "warn", "bad", "info")
TINTED = [(word, f"{word}-tint") for word in ("ok", "warn", "bad", "info")]
TINTED += [("text", f"{kind}-tint") for kind in ("ok", "warn", "bad", "info", "quiet")]
TINTED += [("muted", "quiet-tint"), ("bad", "bad-tint"), ("info", "info-tint")]
TINTED += [("on-button", "button"), ("on-button", "button-hover")]
TINTED += [("on-danger", "danger")]


def luminance(colour: str) -> float:
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [
        each / 12.92 if each <= 0.04045 else ((each + 0.055) / 1.055) ** 2.4
        for each in channels
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize(
    ("word", "ground"),
    [(word, ground) for word in WORDS for ground in GROUNDS] + TINTED,
)
def test_words_can_be_read(word: str, ground: str, theme: int) -> None:
    assert contrast(TOKENS[word][theme], TOKENS[ground][theme]) >= 4.5


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize("ground", ["bg", "surface"])
@pytest.mark.parametrize("line", ["line", "focus", "accent", "button", "danger"])
def test_lines_of_controls_can_be_seen(line: str, ground: str, theme: int) -> None:
    assert contrast(TOKENS[line][theme], TOKENS[ground][theme]) >= 3


def test_every_colour_of_the_rules_is_a_token() -> None:
    rules = CSS.split("@layer base {")[1].split("@layer print {")[0]
    without_white_marks = rules.replace("stroke: #fff", "")

    assert not re.findall(r"#[0-9a-fA-F]{3,8}\b", without_white_marks)


def test_the_stylesheet_asks_nobody_else() -> None:
    assert "url(" not in CSS
    assert "@import" not in CSS


def test_our_own_script_stays_small() -> None:
    script = Path("static/portal/portal.js")
    assert script.stat().st_size <= 3 * 1024
