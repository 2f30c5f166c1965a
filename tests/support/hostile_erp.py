"""A demo ERP whose every text column holds text that tries to run, fetch, link or hide; and what of it took effect."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

from playwright.sync_api import Page

FOREIGN = "evil.example"
TEXTS = (
    "<script>window.__ran=1</script>",
    '<img src=x onerror="window.__ran=2">',
    f"![p](https://{FOREIGN}/p.png)",
    "[click](javascript:window.__ran=3)",
    f'"><a href="https://{FOREIGN}">x</a>',
    "&lt;img src=x onerror=window.__ran=4&gt;",
    f"$$\\href{{https://{FOREIGN}}}{{x}}$$ $\\frac12$",
    f"\u001b[31mred\u001b]8;;https://{FOREIGN}\u0007link",
    "\u202egnp.live\u2066\u200b\u2028",
    f'=HYPERLINK("https://{FOREIGN}","x")',
    f"<iframe src=https://{FOREIGN}></iframe>",
    "<svg/onload=window.__ran=5>",
    "</style></text></svg><style>*{display:none}</style>",
    "</title></textarea><script>window.__ran=6</script>",
    ":material/home: :red[x] `c` # h\n- l\n\n| a |\n|---|\n",
    f"<form action=https://{FOREIGN}><button>x</form>",
    "{{7*7}} ${7*7} %s %(x)s {0} {x.__class__}",
    "W" * 400,
)
JOBS = 90
"""Jobs that are kept of the demo's, so that a page is drawn quickly."""


def poison(path: Path) -> None:
    """Write hostile text into every text column, here and there also where it makes a row unusable."""
    with sqlite3.connect(path) as erp:
        open_jobs = erp.execute("SELECT TxnId_i FROM tbl_jo_txn WHERE DocStatus_c='OP' ORDER BY TxnId_i LIMIT ?", (JOBS,))
        jobs = [row[0] for row in open_jobs]
        kept = ",".join(map(str, jobs))
        erp.execute(f"DELETE FROM tbl_jo_txn WHERE TxnId_i NOT IN ({kept})")
        erp.execute(f"DELETE FROM tbl_jo_process WHERE TxnId_i NOT IN ({kept})")
        erp.execute(f"DELETE FROM tbl_daily_item WHERE JoId_i NOT IN ({kept})")
        # A name that is a part number, too, keeps its beginning: without it there would be no product and no family.
        tasks = [row[0] for row in erp.execute("SELECT DISTINCT Task_v FROM tbl_jo_process ORDER BY 1")]
        for k, task in enumerate(tasks):
            hostile = f"{task} {_text(k)}"
            erp.execute("UPDATE tbl_jo_process SET Task_v=? WHERE Task_v=?", (hostile, task))
            erp.execute("UPDATE tbl_routing_process SET ProcessDescr_v=? WHERE ProcessDescr_v=?", (hostile, task))
        for k, job in enumerate(jobs):
            erp.execute("UPDATE tbl_jo_txn SET DocRef_v=? WHERE TxnId_i=?", (f"{_text(k)[:70]} {k}", job))
        for k, (machine,) in enumerate(erp.execute("SELECT MachineId_i FROM tbl_machine").fetchall()):
            erp.execute("UPDATE tbl_machine SET MachineName_v=? WHERE MachineId_i=?", (f"{_text(k)[:70]}{k:03}", machine))
        for table in ("ai_breaktimes", "ai_holidays"):
            for k, (row,) in enumerate(erp.execute(f"SELECT rowid FROM {table}").fetchall()):
                erp.execute(f"UPDATE {table} SET name=? WHERE rowid=?", (_text(k), row))
        for k, (job, row) in enumerate(erp.execute("SELECT TxnId_i, RowId_i FROM tbl_jo_process").fetchall()[::23]):
            erp.execute("UPDATE tbl_jo_process SET Machine_v=? WHERE TxnId_i=? AND RowId_i=?", (_text(k), job, row))
        erp.execute("UPDATE tbl_jo_process SET QtyStatus_c=? WHERE TxnId_i=? AND RowId_i=1", (TEXTS[1], jobs[0]))
        erp.execute("UPDATE tbl_jo_txn SET Void_c=? WHERE TxnId_i=?", (TEXTS[0], jobs[-1]))
        erp.execute("UPDATE tbl_jo_txn SET DocStatus_c=? WHERE TxnId_i=?", (TEXTS[1], jobs[-2]))
        erp.execute("UPDATE shopwright_demo SET content=? WHERE setting='banner'", (" ".join(TEXTS[:7])[:380],))
    erp.close()


def _text(k: int) -> str:
    return TEXTS[k % len(TEXTS)]


FOUND = """() => {
    const found = [];
    const walk = (root) => {
        for (const node of root.querySelectorAll('*')) {
            if (node.shadowRoot) walk(node.shadowRoot);
            const name = node.localName;
            const inside = node.textContent || '';
            const reach = ['src', 'href', 'action', 'data', 'srcdoc'].map(a => node.getAttribute(a) || '').join(' ');
            if (reach.includes('evil.example') || reach.includes('javascript:')) found.push(`${name} reaches ${reach}`);
            if (name === 'img' && node.getAttribute('src') === 'x') found.push('img');
            if (name === 'script' && inside.includes('__ran')) found.push('script');
            if (name === 'style' && inside.includes('*{display:none}')) found.push('style');
            const acts = ['onerror', 'onload', 'onclick'].some(a => (node.getAttribute(a) || '').includes('__ran'));
            if (acts) found.push(`${name} acts`);
            if (name === 'iframe' && !node.getAttribute('src')?.startsWith(location.origin)) found.push('iframe');
            if (node.classList?.contains('katex')) found.push('formula');
        }
    };
    walk(document);
    if (window.__ran !== undefined) found.push(`ran ${window.__ran}`);
    return found;
}"""


def took_effect(page: Page) -> list[Any]:
    """Every trace of hostile text that is more than text, also in shadow trees."""
    return list(page.evaluate(FOUND))
