"""What every page must be in a real browser: accessible by axe-core, nothing cut off, charts whose words stand out."""

from __future__ import annotations

from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

SEVERE = ("serious", "critical")
STREAMLITS_OWN: tuple[tuple[str, str, str], ...] = ()
"""(rule, part of the finding's HTML, why it is not ours to mend): Streamlit's own markup, which no option reaches."""
WIDER = """() => [document.querySelector('[data-testid="stMain"]')]
    .map(main => main.scrollWidth - main.clientWidth)[0]"""
"""By how many pixels the page is wider than its window."""
CUT = """() => {
    const inside = document.querySelector('[data-testid="stMainBlockContainer"]');
    const figures = ['[data-testid="stMetricLabel"]', '[data-testid="stMetricValue"]'];
    const kinds = ['button', 'h1', 'h2', 'h3', '.toolbar label', ...figures];
    const words = [...inside.querySelectorAll(kinds.join(', '))];
    return words.filter(e => e.offsetParent && !e.closest('.st-key-frame'))
        .filter(e => e.scrollWidth > e.clientWidth + 1 || e.scrollHeight > e.clientHeight + 4)
        .map(e => e.tagName + ': ' + e.textContent.trim().slice(0, 60));
}"""
"""The words of controls, headings and figures that are cut off."""
CHART_WORDS = """() => {
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
"""The words of the page's charts: how many, those with too little contrast to the page, and what cells of heat maps say."""


def findings(page: Page) -> list[str]:
    """What axe-core calls serious or critical, one line each: rule, place, message, HTML."""
    found: list[dict[str, Any]] = Axe().run(page).response["violations"]
    return [
        f"{one['id']} ({one['impact']}): {node['target']} {node['failureSummary']} {node['html'][:300]}"
        for one in found
        if one["impact"] in SEVERE
        for node in one["nodes"]
        if not any(one["id"] == rule and part in node["html"] for rule, part, _ in STREAMLITS_OWN)
    ]
