"""Expedite: the earliest delivery of one order that harms nobody, and the price of every day sooner, to be clicked."""

from __future__ import annotations

from time import monotonic
from typing import TYPE_CHECKING

import streamlit as st

from dashboard import navigation
from dashboard.auth import current_user
from dashboard.components import confirm_dialog, data_table, page_shell, shortcuts, submitted
from dashboard.components.expedite_link import WHAT
from dashboard.loaded_plan import Plan
from dashboard.presentation import expedite_view, formatting, odds_words, safe_text
from dashboard.state import page_theme, plan_odds
from dashboard.state.loaded import load_plant
from dashboard.state.plant_context import PlantContext
from dashboard.views.what_if.form import RUSH_ORDER, ask_change
from scheduler_core.errors import ShopwrightError
from scheduler_core.i18n.translate import t
from scheduler_core.roles import Action
from scheduler_core.scenarios.changes import RushOrder, apply_all
from scheduler_core.services import authorized

if TYPE_CHECKING:
    from scheduler_core.floor.odds_change import OddsChange
    from scheduler_core.scenarios.expedite import ExpediteCurve, Point
    from scheduler_core.services.expediting import ExpediteQuestion

PROGRESS_AFTER = 0.3
"""Seconds after which the search shows how far it is."""
_FOUND = "_expedite_found"
_KEPT = "_expedite_submitted"
"""Question, end and plan of the point that was submitted."""
_ODDS = "_expedite_odds"
"""What the points looked at do to the odds, of the question asked last."""
_JOB = "expedite_job"
_RUSH = "expedite_rush"
_POINT = "expedite_point"


def is_asked() -> bool:
    """Whether the address asks for this panel."""
    return st.query_params.get("what") == WHAT


def offer(base: Plan) -> None:
    """A way into the panel."""
    if st.button(
        t("Expedite an order"), icon=":material/fast_forward:", key="expedite_open",
        help=t("The earliest delivery that harms no other order, and what every day sooner costs the others"),
    ):  # fmt: skip
        navigation.go(navigation.WHAT_IF, plan=base.id, what=WHAT)


def show(ctx: PlantContext, base: Plan) -> None:
    """Draw the panel on the plan ``base``."""
    from scheduler_core.services.expediting import ExpediteQuestion  # it loads the engines

    now = max(0, base.plant.minute_of(ctx.now))
    head, back = st.columns([6, 2], vertical_alignment="bottom")
    head.subheader(t("How soon can one order be delivered, and who pays for it?"))
    if back.button(t("All what-ifs"), icon=":material/arrow_back:", key="expedite_back", width="stretch"):
        navigation.go(navigation.WHAT_IF, plan=base.id)
    linked = _follow_link(base)
    kind, order, button = st.columns([3, 4, 2], vertical_alignment="bottom")
    rush = kind.segmented_control(
        t("Which order"), [False, True], default=False, required=True, key=_RUSH, label_visibility="collapsed",
        format_func=lambda r: t("A rush order") if r else t("An order of the plan"),
    )  # fmt: skip
    if rush:
        asked = _rush_question(ctx, base, now)
    else:
        with order:
            asked = ExpediteQuestion(base.id, _order(base), now=now)
    clicked = button.button(
        t("Find delivery dates"), icon=":material/play_arrow:", type="primary", key="expedite_find", width="stretch",
        shortcut=shortcuts.RUN, disabled=asked is None,
        help=t("Up to eight plans, from as early as possible to no harm at all; the plan itself is unchanged"),
    )  # fmt: skip
    if asked is None:
        return
    if not rush and base.info.id not in ctx.scenarios and asked.job not in load_plant(ctx.store, ctx.snapshot.id).job_by_id:
        st.error(
            t(
                "{job} is not among the latest jobs: it is finished, closed, or cannot be planned (see Quarantine on Jobs).",
                job=safe_text.escape_markdown(asked.job),
            ),
            icon=":material/error:",
        )
        return
    curve = _curve(ctx, asked, clicked or (linked and not rush))
    if curve is not None:
        _show_curve(ctx, base, asked, curve)


# ---------------------------------------------------------------- which order
def _follow_link(base: Plan) -> bool:
    """Takes the order from the address; True if it names one."""
    job = st.query_params.get("job")
    if job is None:
        return False
    if job not in base.plant.job_by_id:
        st.warning(safe_text.escape_markdown(t("The link names an order that this plan does not have: {job}", job=job)))
        return False
    st.session_state[_JOB] = job
    # Only a way in: later choices are the planner's.
    st.query_params.pop("job")
    return True


def _order(base: Plan) -> str:
    """The choice of an order, the latest first."""
    by_lateness = sorted(base.plant.jobs, key=lambda j: -(base.lateness.get(j.id) or 0))

    def name(job: str) -> str:
        late = base.lateness.get(job)
        known = formatting.job_name(base.plant.job_by_id[job])
        return known if late is None else f"{known} · {formatting.signed_days(late)}"

    return str(st.selectbox(t("Order"), [j.id for j in by_lateness], key=_JOB, format_func=name))


def _rush_question(ctx: PlantContext, base: Plan, now: int) -> ExpediteQuestion | None:
    from scheduler_core.services.expediting import ExpediteQuestion

    change = ask_change(RUSH_ORDER, base, now)
    if not isinstance(change, RushOrder):
        return None
    try:
        apply_all(base.plant, (change,), now)
    except ShopwrightError as error:
        st.error(safe_text.escape_markdown(str(error)), icon=":material/error:")
        return None
    return ExpediteQuestion(base.id, change.job.id, (change,), now)


# ---------------------------------------------------------------- the answer
def _curve(ctx: PlantContext, asked: ExpediteQuestion, wanted: bool) -> ExpediteCurve | None:
    """The curve that was found for this very question; ``wanted``: find it now."""
    from scheduler_core.services import expediting

    found: tuple[ExpediteQuestion, ExpediteCurve] | None = st.session_state.get(_FOUND)
    if found is not None and found[0] == asked:
        return found[1]
    if not wanted:
        return None
    began, place = monotonic(), st.empty()

    # Any other click ends the search here: drawing the bar is where Streamlit stops a script.
    def progress(fraction: float, message: str) -> None:
        if monotonic() - began > PROGRESS_AFTER:
            place.progress(fraction, t("Searching for plans that finish the order sooner"))

    try:
        curve = expediting.find(ctx.store, asked, progress)
    except ShopwrightError as error:
        st.error(safe_text.escape_markdown(str(error)), icon=":material/error:")
        return None
    finally:
        place.empty()
    st.session_state[_FOUND] = (asked, curve)
    st.session_state[_POINT] = len(curve.points) - 1
    return curve


def _show_curve(ctx: PlantContext, base: Plan, asked: ExpediteQuestion, curve: ExpediteCurve) -> None:
    plant, points = base.plant, curve.points
    if st.session_state.get(_POINT) not in range(len(points)):
        st.session_state[_POINT] = len(points) - 1

    def moment(minute: int | None) -> str:
        return formatting.NOTHING if minute is None else formatting.stamp(plant.time_of(minute))

    cells = st.columns(4)
    cells[0].metric(t("Wanted by"), moment(curve.job.due), border=True)
    if curve.before is None:
        cells[1].metric(t("In the first gaps"), moment(curve.right_shift), border=True,
                        help=t("Where the order fits without moving any other order"))  # fmt: skip
    else:
        cells[1].metric(t("In the current plan"), moment(curve.before), border=True)
    cells[2].metric(t("Not possible before"), moment(curve.bound.completion), border=True,
                    help=t("The earliest end if the order were alone in the plant"))  # fmt: skip
    cells[3].metric(t("Harms nobody"), moment(curve.least_harm.end), border=True,
                    help=t("The earliest delivery found at which no other order becomes late and no late order "
                           "gets later"))  # fmt: skip
    if len(points) == 1 and curve.least_harm.end == curve.before:
        st.info(t("No earlier delivery was found: the order stays where it is."))
        return
    chart, choice = st.columns([5, 3], gap="medium")
    with choice:
        number = st.radio(
            t("Delivery"), range(len(points)), key=_POINT, format_func=lambda i: expedite_view.point_words(plant, points[i])
        )
        st.caption(t("Or click a mark; the number on it counts orders that become late. A *weighted day* is one order one "
"day later; an important order counts three times."))  # fmt: skip
    with chart:
        st.plotly_chart(
            expedite_view.curve_chart(plant, curve, number, page_theme.dark()),
            key=f"expedite_chart_{base.id}_{curve.job.id}_{len(points)}",
            on_select=_take_click, selection_mode="points", config={"displayModeBar": False},
        )  # fmt: skip
    _show_point(ctx, base, asked, curve, points[number])


def _take_click() -> None:
    """The clicked mark of the chart becomes the chosen point."""
    for key, state in st.session_state.items():
        if str(key).startswith("expedite_chart_") and (marks := state["selection"]["points"]):
            st.session_state[_POINT] = int(marks[0]["customdata"][0])


def _show_point(ctx: PlantContext, base: Plan, asked: ExpediteQuestion, curve: ExpediteCurve, point: Point) -> None:
    said, compare, submit = st.columns([5, 2, 2], vertical_alignment="center")
    odds = _odds(ctx, asked, curve, point)
    said.text(expedite_view.point_sentences(curve, point))
    said.text(expedite_view.odds_sentence(base.plant, odds), help=odds_words.assumed(odds.assumed))
    refusal = current_user.may_not(ctx.store, Action.WHAT_IF)
    unchanged = point.end == curve.before
    reason = refusal or (t("This is the current plan") if unchanged else None)
    if compare.button(
        t("Open in Compare"), icon=":material/compare_arrows:", key="expedite_compare", width="stretch",
        disabled=reason is not None, help=reason or t("Keeps this plan as a what-if plan and shows it beside the "
                                                      "current plan"),
    ):  # fmt: skip
        _open_in_compare(ctx, base, asked, point)
    clicked = submit.button(
        t("Submit for approval"), icon=":material/verified:", key="expedite_submit", width="stretch",
        disabled=reason is not None, help=reason or t("Keeps this plan and puts it on Approve; the released plan "
                                                      "stays in force"),
    )  # fmt: skip

    def submit_plan() -> None:
        kept = authorized.keep_expedited(ctx.store, current_user.actor(), asked, point)
        authorized.promote(ctx.store, current_user.actor(), kept.schedule_id)
        st.session_state[_KEPT] = (asked, point.end, kept.schedule_id)
        submitted.remember(kept.schedule_id)

    confirm_dialog.ask_once_more(
        f"expedite-{base.id}-{asked.job}-{point.end}", t("Submit this plan for approval?"),
        t("{job} is delivered {moment}. The plan is marked as a what-if plan with this delivery; nothing is "
          "released before approval.", job=asked.job, moment=formatting.stamp(base.plant.time_of(point.end))),
        t("Submit"), submit_plan, clicked=clicked, refused=t("Not submitted: "),
    )  # fmt: skip
    answered: tuple[ExpediteQuestion, int, str] | None = st.session_state.get(_KEPT)
    if answered is not None and answered[:2] == (asked, point.end):
        submitted.show(ctx, answered[2])
    if point.payers:
        st.text(t("Who pays"))
        frame = expedite_view.payers_frame(base.plant, point)
        data_table.show(frame, "expedite_payers", height=260)
        page_shell.download(frame, "who-pays", "expedite_xlsx")


def _odds(ctx: PlantContext, asked: ExpediteQuestion, curve: ExpediteCurve, point: Point) -> OddsChange:
    """What the point does to the odds; computed once for each point that is looked at."""
    from scheduler_core.services import expediting

    assumed, number = plan_odds.assumed_noise(ctx), curve.points.index(point)
    if st.session_state.get(_ODDS, (None, {}))[0] != (asked, assumed):
        st.session_state[_ODDS] = ((asked, assumed), {})
    known: dict[int, OddsChange] = st.session_state[_ODDS][1]
    if number not in known:
        with st.spinner(t("Simulating both plans with varying durations…")):
            known[number] = expediting.odds(ctx.store, asked, point, assumed)
    return known[number]


def _open_in_compare(ctx: PlantContext, base: Plan, asked: ExpediteQuestion, point: Point) -> None:
    try:
        kept = authorized.keep_expedited(ctx.store, current_user.actor(), asked, point)
    except ShopwrightError as error:
        st.error(safe_text.escape_markdown(str(error)), icon=":material/error:")
        return
    st.session_state["ghosts"] = True
    navigation.go(navigation.COMPARE, left=base.id, right=kept.schedule_id, show="gantts")
