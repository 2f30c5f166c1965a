"""What is wrong with the newest releases: one that could not be saved, one that does not reach the ERP."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from threading import Lock

import streamlit as st

from dashboard.presentation import safe_text
from dashboard.state.plant_context import PlantContext, utc_now
from scheduler_core.data.export.config import has_receiver
from scheduler_core.data.store.records import DELIVERY_OVERDUE, Delivery, DeliveryState
from scheduler_core.i18n.translate import t


class FailedSaves:
    """The last save of a release that failed, per plant, while the server runs: a database that is away can't keep it."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._reasons: dict[str, str] = {}

    def note(self, plant: str, reason: str) -> None:
        """A release could not be saved."""
        with self._lock:
            self._reasons[plant] = reason

    def clear(self, plant: str) -> None:
        """A later one could."""
        with self._lock:
            self._reasons.pop(plant, None)

    def of(self, plant: str) -> str | None:
        """Why the last one could not be saved, None if it was."""
        with self._lock:
            return self._reasons.get(plant)


@st.cache_resource(max_entries=1)
def failed_saves() -> FailedSaves:
    """The one memory of this server process."""
    return FailedSaves()


def undelivered(deliveries: Sequence[Delivery], exports: bool, now: datetime) -> str | None:
    """What to say of the newest release if it does not reach the ERP, None if it has or nothing is exported."""
    if not deliveries:
        return None
    newest = deliveries[0]
    last = next((d.number for d in deliveries if d.state is DeliveryState.CONFIRMED), None)
    stays = "" if last is None else t(" The shop floor still has version {last}.", last=last)
    if newest.state is DeliveryState.DEAD:
        return t(
            "Version {number} could not be delivered to the ERP: {last_error}.{stays} Retry it on Approve.",
            number=newest.number,
            last_error=newest.last_error,
            stays=stays,
        )
    if newest.state is DeliveryState.CONFIRMED:
        return None
    if newest.last_error is not None:
        return t(
            "Version {number} has not reached the ERP yet: {last_error}. The delivery is retried automatically.{stays}",
            number=newest.number,
            last_error=newest.last_error,
            stays=stays,
        )
    if exports and now - newest.released_at > DELIVERY_OVERDUE:
        return t(
            "Version {number} waits for its delivery: is shopwright export --watch running?{stays}",
            number=newest.number,
            stays=stays,
        )
    return None


def show(ctx: PlantContext) -> None:
    """The alarms of the plant's releases, if there are any."""
    plant = ctx.snapshot.plant
    if (reason := failed_saves().of(plant)) is not None:
        stays = t(" Version {number} stays in force.", number=ctx.release.number) if ctx.release else ""
        st.error(
            t("The last release was not saved: {reason}.{stays}", reason=safe_text.escape_markdown(reason), stays=stays),
            icon=":material/error:",
        )
    text = undelivered(ctx.store.deliveries.newest(plant), has_receiver(), utc_now())
    if text is not None:
        st.error(safe_text.escape_markdown(text), icon=":material/sync_problem:")
