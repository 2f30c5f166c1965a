"""What a machine should begin next: the machine is picked on the page, in a list, or named by the address."""

from __future__ import annotations

from datetime import datetime

import streamlit as st

from dashboard.components import data_table
from dashboard.presentation import next_rows, safe_text
from dashboard.presentation.machine_labels import by_name, machine_label
from dashboard.state.address import put_in_address, take_out_of_address, wrong_link
from dashboard.state.loaded import load_plant
from dashboard.state.plant_context import PlantContext
from scheduler_core.data.store import Store
from scheduler_core.data.store.records import StoredSchedule
from scheduler_core.dispatching.floor_now import FloorNow
from scheduler_core.dispatching.machine_names import machine_of_link, names_near
from scheduler_core.dispatching.next_operations import next_operations
from scheduler_core.dispatching.next_wording import machine_words, outcome_words, rule_words
from scheduler_core.errors import InvalidValue, ShopwrightError
from scheduler_core.i18n.translate import t
from scheduler_core.services.next_operations import carried_floor, end_unknown, prices_of

MACHINE = "next_machine"
"""The field's key in the session."""
_ADDRESS = "machine"


def follow_link(ctx: PlantContext) -> None:
    """Takes the machine's number or name from the address, where a link has changed it; says so where there is none."""
    plant = load_plant(ctx.store, ctx.snapshot.id)
    asked = st.query_params.get(_ADDRESS)
    if asked is None or asked == st.session_state.get(f"_address_{_ADDRESS}"):
        return
    try:
        st.session_state[MACHINE] = machine_of_link(plant, asked).id
    except InvalidValue:
        if near := names_near(plant, asked):
            wrong_link(t("this plant has no machine {asked}; names like it: {names}", asked=asked, names=", ".join(near)))
        else:
            wrong_link(t("this plant has no machine {asked}", asked=asked))


def choose(ctx: PlantContext) -> int | None:
    """The field; returns the machine's id, None where none is picked."""
    plant = load_plant(ctx.store, ctx.snapshot.id)
    if st.session_state.get(MACHINE) not in plant.machine_by_id:
        st.session_state[MACHINE] = None
    chosen: int | None = st.selectbox(
        t("What next on a machine"), by_name(plant), index=None, key=MACHINE, placeholder=t("Pick a machine"),
        format_func=lambda machine: machine_label(plant, machine),
    )  # fmt: skip
    if chosen is None:
        take_out_of_address(_ADDRESS)
    else:
        put_in_address(_ADDRESS, str(chosen))
    return chosen


def pick(machine: int) -> None:
    """Let the page answer for a machine (id): for the click on a button elsewhere on it."""
    st.session_state[MACHINE] = machine


def show(ctx: PlantContext, stored: StoredSchedule, machine_id: int) -> None:
    """The answer by a plan: what the machine does, what is best next, and what cannot begin yet."""
    place = st.container(border=True)
    with place:
        try:
            _answer(ctx, stored, machine_id)
        except ShopwrightError as error:
            st.error(safe_text.escape_markdown(str(error)), icon=":material/error:")


def _answer(ctx: PlantContext, stored: StoredSchedule, machine_id: int) -> None:
    floor = _floor(ctx.store, stored.id, stored.snapshot_id, ctx.snapshot.id, ctx.now, ())
    plant, machine = floor.plant, floor.plant.machine_by_id[machine_id]
    running = floor.running(machine_id)
    said, ticked = st.columns([5, 2], vertical_alignment="center")
    if running is not None and ticked.checkbox(
        t("The operation is already finished"), key=f"next_finished_{machine_id}_{running.job}_{running.sequence}",
        help=t("What is next if the machine is free now"),
    ):  # fmt: skip
        floor = _floor(ctx.store, stored.id, stored.snapshot_id, ctx.snapshot.id, ctx.now, (running.key,))
    answer = next_operations(floor, machine)
    unknown = end_unknown(ctx.store, ctx.snapshot.plant, machine_id, ctx.now)
    words = [machine_words(plant, answer, end_unknown=unknown), outcome_words(plant, answer)]
    said.text(" ".join(filter(None, words)))
    if answer.ready or answer.later:
        data_table.show(
            next_rows.next_frame(plant, answer), "what_next", height="content",
            column_config={
                t("Next"): st.column_config.TextColumn(width=70),
                t("Op"): st.column_config.NumberColumn(width=40),
                t("Why"): st.column_config.TextColumn(width=760),
            },
        )  # fmt: skip
    st.caption(" ".join((rule_words(answer), t("From the last pull until now, the floor is assumed to follow the plan."))))


@st.cache_resource(max_entries=6, show_spinner=False)
def _floor(
    _store: Store, plan_id: str, made_for: str, latest: str, now: datetime, finished: tuple[tuple[str, int], ...]
) -> FloorNow:
    """The floor as it stands; the plan's snapshot and the latest one stand in the key."""
    stored = _store.schedules.get(plan_id)
    plant = load_plant(_store, latest)
    plan = _store.schedules.load(plan_id)
    return carried_floor(plant, load_plant(_store, made_for), plan, now, prices_of(_store, stored), finished)
