"""The words of every chart in a real browser: drawn with enough contrast to the page, light and dark."""

from __future__ import annotations

import re
from typing import Literal

import pytest
from playwright.sync_api import Browser, expect

from scheduler_core.data.store import Store
from tests.support.browsing import settled

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]

PATHS = ("?tour=closed", "kpis", "compare", "models")
FAINT = """() => {
    const parts = colour => colour.match(/[0-9.]+/g).map(Number);
    const light = ([r, g, b]) => [r, g, b].map(v => v / 255)
        .map(v => v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
        .reduce((sum, v, k) => sum + v * [0.2126, 0.7152, 0.0722][k], 0);
    const page = parts(getComputedStyle(document.querySelector('[data-testid="stApp"]')).backgroundColor);
    const words = [...document.querySelectorAll('.stPlotlyChart svg text')]
        .filter(t => t.textContent.trim() && !t.closest('.hoverlayer, .heatmaplayer') && !t.matches('.bartext-inside'));
    const found = words.map(t => {
        const style = getComputedStyle(t), share = Number(style.fillOpacity);
        const colour = parts(style.fill).slice(0, 3).map((v, k) => v * share + page[k] * (1 - share));
        const [low, high] = [light(colour), light(page)].sort((a, b) => a - b);
        return [t.textContent, (high + 0.05) / (low + 0.05)];
    });
    const cells = [...document.querySelectorAll('.stPlotlyChart .heatmaplayer text')].map(t => t.textContent.trim());
    const faint = found.filter(([, contrast]) => contrast < 4.5);
    return { cells: cells.filter(words => words), words: found.length, faint };
}"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_words_of_charts_stand_out(
    browser: Browser, planned: tuple[str, Store], scheme: Literal["light", "dark"]
) -> None:
    context = browser.new_context(viewport={"width": 1280, "height": 720}, color_scheme=scheme)
    page = context.new_page()
    for path in PATHS:
        page.goto(f"{planned[0]}/{path}")
        expect(page.locator(".stPlotlyChart svg text").first).to_be_attached()
        settled(page)
        seen = page.evaluate(FAINT)
        assert seen["words"] > 5, path
        assert seen["faint"] == [], path
        assert all(re.fullmatch(r"\d+ %", cell) for cell in seen["cells"]), path
        assert bool(seen["cells"]) == (path == "kpis")
    context.close()
