"""Two plans that do not have the same orders: what their figures count, and how many orders only one of them has. Pure."""

from __future__ import annotations

from dashboard.loaded_plan import Plan
from scheduler_core.analysis.job_sets import CommonFigures
from scheduler_core.i18n.local_formats import number_text
from scheduler_core.i18n.translate import t, tn


def unlike_orders(left: Plan, right: Plan, left_name: str, right_name: str) -> str | None:
    """What a comparison counts: "Figures are of the 473 orders in both plans. 46 orders are only in v1.".

    ``left_name``, ``right_name``: how the plans are called in the middle of a sentence. None where both have the same
    orders.
    """
    counted = tn(
        "Figures are of the {n} order in both plans.", "Figures are of the {n} orders in both plans.", common(left, right)
    )
    return _before(counted, only_orders(left, right, left_name, right_name))


def unlike_changes(left: Plan, right: Plan, left_name: str, right_name: str) -> str | None:
    """The same where only the changes, not the figures, are of the common orders."""
    counted = tn(
        "Changes are of the {n} order in both plans.", "Changes are of the {n} orders in both plans.", common(left, right)
    )
    return _before(counted, only_orders(left, right, left_name, right_name))


def _before(counted: str, only: str | None) -> str | None:
    return None if only is None else f"{counted} {only}"


def common(left: Plan, right: Plan) -> int:
    """How many orders both plans have."""
    return len(left.plant.job_by_id.keys() & right.plant.job_by_id.keys())


def only_words(amount: int, name: str) -> str:
    """How many orders only one of two plans has."""
    return tn("{n} order is only in {plan}.", "{n} orders are only in {plan}.", amount, plan=name)


def only_orders(left: Plan, right: Plan, left_name: str, right_name: str) -> str | None:
    """How many orders only one of the plans has, for each of them; None where both have the same orders."""
    one, other = left.plant.job_by_id.keys(), right.plant.job_by_id.keys()
    amounts = ((len(one - other), left_name), (len(other - one), right_name))
    return " ".join(only_words(amount, name) for amount, name in amounts if amount) or None


def against_version_before(found: CommonFigures, before: int, number: int) -> str:
    """How a version stands against the one ``before`` it, over the orders that both have, and who is in one of them only."""
    said = t(
        "Version {number} against version {before}, over the {orders} of both: late {late_before} → {late}, weighted "
        "tardiness {days_before} → {days} d, setup {setup_before} → {setup} h.",
        number=number, before=before, orders=tn("{n} order", "{n} orders", found.jobs), late_before=found.late_before,
        late=found.late_after, days_before=number_text(found.before.weighted_tardiness_days, 1),
        days=number_text(found.after.weighted_tardiness_days, 1), setup_before=number_text(found.before.setup_hours, 0),
        setup=number_text(found.after.setup_hours, 0),
    )  # fmt: skip
    names = ((len(found.left), t("v{number}", number=before)), (len(found.came), t("v{number}", number=number)))
    return " ".join([said, *(only_words(amount, name) for amount, name in names if amount)])
