"""Which incidents people are told of, who and when: ``configs/alerts.yaml``."""

from __future__ import annotations

import re
from datetime import time
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from scheduler_core.alerts.kinds import Kind
from scheduler_core.settings import environment, locations
from scheduler_core.settings.load import load_settings

Hours = Annotated[float, Field(ge=0, le=8760)]
PositiveHours = Annotated[float, Field(gt=0, le=8760)]
Minutes = Annotated[float, Field(ge=0, le=525_600)]
Seconds = Annotated[float, Field(gt=0, le=86_400)]
Day = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
DAYS: tuple[Day, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")
_TIME = re.compile(r"([01]\d|2[0-3]):[0-5]\d")


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


def _time(value: str) -> str:
    if not _TIME.fullmatch(value):
        raise ValueError("must be a time of day in quotes, such as '07:00'")
    return value


class Rule(_Strict):
    """What every rule has. ``labels``: receivers with one of them are told; ``urgent``: also during quiet hours."""

    enabled: bool = True
    urgent: bool = False
    labels: list[str] = []

    @field_validator("labels")
    @classmethod
    def _labels(cls, value: list[str]) -> list[str]:
        return _names(value)


class LateOrder(Rule):
    """An order newly late since the pull before, by at least ``least_hours``."""

    labels: list[str] = ["planner"]
    least_hours: Hours = 0.0
    only_important: bool = True


class MachineDown(Rule):
    """A machine that is down now."""

    labels: list[str] = ["planner"]
    urgent: bool = True


class ForPlanners(Rule):
    """A rule without thresholds that planners are told of."""

    labels: list[str] = ["planner"]


class ForAdmins(Rule):
    """A rule without thresholds that operators are told of."""

    labels: list[str] = ["admin"]


class ForBoth(Rule):
    """A rule without thresholds that both are told of."""

    labels: list[str] = ["planner", "admin"]


class Fallback(ForAdmins):
    """An engine's plan was replaced by a fallback ``times`` times running."""

    times: Annotated[int, Field(ge=1, le=50)] = 2


class Queue(ForBoth):
    """A run that has waited for longer than ``minutes``."""

    minutes: Minutes = 15.0


class ErpOld(ForBoth):
    """The newest pull is older than ``hours``."""

    hours: PositiveHours = 12.0


class AuditBroken(ForAdmins):
    """The audit trail is not whole; it is read every ``every_hours``."""

    urgent: bool = True
    every_hours: PositiveHours = 6.0


class NoRelease(Rule):
    """No release within ``within_hours`` before ``by`` (plant time) on one of ``days``, nor since."""

    labels: list[str] = ["planner", "approver"]
    by: str = "07:00"
    within_hours: PositiveHours = 16.0
    days: list[Day] = ["mon", "tue", "wed", "thu", "fri"]

    @field_validator("by")
    @classmethod
    def _by(cls, value: str) -> str:
        return _time(value)


class Rules(_Strict):
    """One rule for each kind of incident."""

    late_order: LateOrder = LateOrder()
    machine_down: MachineDown = MachineDown()
    order_without_plan: ForPlanners = ForPlanners()
    plan_rejected: ForBoth = ForBoth()
    fallback_repeated: Fallback = Fallback()
    queue_old: Queue = Queue()
    worker_lost: ForAdmins = ForAdmins()
    host_lost: ForAdmins = ForAdmins()
    exporter_lost: ForAdmins = ForAdmins()
    erp_old: ErpOld = ErpOld()
    outbox_stuck: ForBoth = ForBoth()
    audit_broken: AuditBroken = AuditBroken()
    disk_low: ForAdmins = ForAdmins()
    no_release: NoRelease = NoRelease()

    def of(self, kind: Kind) -> Rule:
        """The rule of a kind."""
        found: Rule = getattr(self, kind.value)
        return found


class QuietHours(_Strict):
    """From when until when (plant time) only urgent news are sent; ``until`` may lie on the next day."""

    begin: str = Field(alias="from")
    until: str

    @field_validator("begin", "until")
    @classmethod
    def _times(cls, value: str) -> str:
        return _time(value)

    @model_validator(mode="after")
    def _some_time(self) -> Self:
        if self.begin == self.until:
            raise ValueError("begin and end at the same time")
        return self

    def hold(self, now: time) -> bool:
        """Whether it is quiet at this time of day."""
        begin, until = time.fromisoformat(self.begin), time.fromisoformat(self.until)
        return begin <= now < until if begin < until else now >= begin or now < until


class Receiver(_Strict):
    """Somebody who is told: where the address is kept, and which rules by their labels."""

    url_variable: str | None = None
    url_file: str | None = None
    labels: list[str]
    allow_plain: bool = False
    """Whether a server on another machine may be spoken to without TLS."""

    @field_validator("labels")
    @classmethod
    def _labels(cls, value: list[str]) -> list[str]:
        return _names(value)

    @model_validator(mode="before")
    @classmethod
    def _no_address(cls, values: object) -> object:
        if isinstance(values, dict) and "url" in values:  # told here, as the usual message would repeat the address
            raise ValueError("holds an address: keep it in a variable (url_variable) or a file (url_file)")
        return values

    @model_validator(mode="after")
    def _one_place(self) -> Self:
        if (self.url_variable is None) == (self.url_file is None):
            raise ValueError("needs either url_variable or url_file: the address is kept there")
        if self.url_variable is not None and not self.url_variable.startswith(environment.ALERT_URLS):
            raise ValueError(f"url_variable must begin with {environment.ALERT_URLS}, so that logs keep its value secret")
        return self


class AlertsConfig(_Strict):
    """The settings of ``configs/alerts.yaml``; unknown keys are refused."""

    every_seconds: Seconds = 30.0
    board_url: str | None = None
    customer_text: bool = False
    settle_minutes: Minutes = 5.0
    remind_hours: PositiveHours | None = None
    bundle_above: Annotated[int, Field(ge=1, le=1000)] = 3
    quiet_hours: QuietHours | None = None
    first_wait_seconds: Seconds = 30.0
    longest_wait_seconds: Seconds = 1800.0
    give_up_hours: PositiveHours = 72.0
    timeout_seconds: Annotated[float, Field(gt=0, le=120)] = 15.0
    receivers: dict[str, Receiver] = {}
    rules: Rules = Rules()

    @field_validator("board_url")
    @classmethod
    def _address(cls, value: str | None) -> str | None:
        if value is not None and not re.fullmatch(r"https?://[A-Za-z0-9.:\[\]_-]+(/[A-Za-z0-9._~/-]*)?", value):
            raise ValueError("must be an address such as https://board.example.org, without user and without parameters")
        return value

    @model_validator(mode="after")
    def _known_labels(self) -> Self:
        known = {label for kind in Kind for label in self.rules.of(kind).labels}
        _names([*self.receivers], "the name of a receiver")
        for name, receiver in self.receivers.items():
            if unknown := sorted(set(receiver.labels) - known):
                raise ValueError(f"receiver {name} has the label {unknown[0]!r}, which no rule has")
        return self

    def receivers_of(self, kind: Kind) -> tuple[str, ...]:
        """Names of the receivers that are told of a kind."""
        labels = set(self.rules.of(kind).labels)
        return tuple(name for name, receiver in self.receivers.items() if labels & set(receiver.labels))

    def wait_after(self, attempt: int) -> float:
        """Seconds from the ``attempt``-th failure (from 1) to the next attempt."""
        return min(self.longest_wait_seconds, self.first_wait_seconds * 2.0 ** min(attempt - 1, 60))


def load_alerts_config(path: Path | None = None) -> AlertsConfig:
    """Read the YAML file (default: the environment's or the source tree's). Raises InvalidValue."""
    return load_settings(path or locations.alerts_config(), AlertsConfig)


def _names(names: list[str], what: str = "a label") -> list[str]:
    for name in names:
        if not _NAME.fullmatch(name):
            raise ValueError(f"{what} must be 1 to 40 small letters, digits, - or _, and {name!r} is not")
    return names
