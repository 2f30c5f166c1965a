"""How the odds of released plans came true in the last weeks: a reliability table, promised dates, the Brier score."""

from __future__ import annotations

import streamlit as st

from dashboard.components import data_table, odds_line
from dashboard.presentation import formatting, odds_words
from dashboard.state import plan_odds
from dashboard.state.plant_context import PlantContext
from scheduler_core.actuals.reliability import Reliability
from scheduler_core.data.store import Store
from scheduler_core.i18n.translate import t, tn
from scheduler_core.services import odds


def show(ctx: PlantContext) -> None:
    """Draw the section; there is none before the first release."""
    if ctx.release is None:
        return
    st.subheader(
        t("How accurate were the odds?"),
        help=t(
            "Orders whose due date passed in the 4 weeks before the last pull. Each counts once, with the odds of "
            "the first release that planned it; orders that are still open past their due date count as late. The "
            "odds are good if about 80 of 100 orders with a chance of 70 to 90 of 100 were on time."
        ),
    )
    missing = len(ctx.store.odds.without(ctx.snapshot.plant, odds.WEEKS))
    found = _how_true(ctx.store, ctx.store.url, ctx.snapshot.plant, ctx.snapshot.id, len(ctx.releases), missing)
    if found is None or not (found.orders or any(one.orders for one in found.dates.values())):
        st.info(
            t("Nothing to compare yet. It begins when due dates of released orders have passed and a later pull tells which "
              "of them are finished.")
        )  # fmt: skip
    else:
        _compare(found)
    odds_line.show(ctx, ctx.release.schedule_id, plan_odds.look(ctx, ctx.release.schedule_id))


def _compare(found: Reliability) -> None:
    if said := odds_words.verdict(found):
        st.text(said)
    if found.brier is not None and found.brier_of_plan is not None:
        st.text(
            t(
                "{orders} compared. Brier score {brier} (0 is perfect; always 50 of 100 scores 0.25); the plan "
                "taken as certain scores {of_plan}.",
                orders=tn("{n} order", "{n} orders", found.orders),
                brier=formatting.number(found.brier, 3),
                of_plan=formatting.number(found.brier_of_plan, 3),
            )
        )
    if found.unknown:
        st.text(
            tn(
                "For {n} more order the pulls do not show whether it was on time.",
                "For {n} more orders the pulls do not show whether they were on time.",
                found.unknown,
            )
        )
    left, right = st.columns(2, gap="medium")
    with left:
        data_table.show(odds_words.classes_frame(found), "odds_classes", height="content")
    with right:
        data_table.show(odds_words.dates_frame(found), "odds_dates", height="content")


@st.cache_resource(max_entries=4, show_spinner=False)
def _how_true(_store: Store, url: str, plant: str, snapshot_id: str, releases: int, missing: int) -> Reliability | None:
    del url, snapshot_id, releases, missing  # they stand in the key: pulls, releases and their odds bring more to compare
    return odds.how_true(_store, plant)
