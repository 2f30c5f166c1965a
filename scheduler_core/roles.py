"""Who may do what: one table of roles and actions, and the error that names the role that is missing.

Roles add up: a person may have several, and somebody without any sees nothing. The table is asked by ``services``, where
things are done, and by the pages, which only say beforehand what would be refused.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from scheduler_core.errors import InvalidValue, ShopwrightError


class Role(StrEnum):
    """What a person is here."""

    VIEWER = "viewer"
    PLANNER = "planner"
    APPROVER = "approver"
    ADMIN = "admin"


class Action(StrEnum):
    """What can be done; the value is said in a refusal: "... may not VALUE"."""

    LOOK = "look at plans"
    PULL = "pull or add jobs"
    PLAN = "start, stop or change plans"
    WHAT_IF = "ask what-if questions or put their plans up for approval"
    APPROVE = "release a plan"
    ACTIVATE_MODEL = "choose the checkpoint that plans"
    MANAGE_ROLES = "give or take roles"


_PLANNING: Final = frozenset({Action.LOOK, Action.PULL, Action.PLAN, Action.WHAT_IF})
ALLOWED: Final[Mapping[Role, frozenset[Action]]] = {
    Role.VIEWER: frozenset({Action.LOOK}),
    Role.PLANNER: _PLANNING,
    Role.APPROVER: frozenset({Action.LOOK, Action.APPROVE}),
    Role.ADMIN: frozenset({Action.LOOK, Action.ACTIVATE_MODEL, Action.MANAGE_ROLES}),
}
"""The only table. An admin hands out roles and checkpoints; to plan or to release takes a role that others can see."""


@dataclass(frozen=True)
class Actor:
    """Who acts. ``unrestricted``: nobody signs in here (a demo on this machine), so whoever sits here may do everything.

    only: the roles that count at most, of a program with its owner's token; None: all that the person has. token: what the
    audit trail calls the token with which a program acts in the person's name; empty for a person. own: roles beside those
    of the role table, of a part of this program.
    """

    name: str
    unrestricted: bool = False
    only: frozenset[Role] | None = None
    token: str = ""
    own: frozenset[Role] = frozenset()

    def counting(self, roles: Collection[Role]) -> frozenset[Role]:
        """Of the roles that the person has, those with which this actor acts."""
        held = frozenset(roles) | self.own
        return held if self.only is None else held & self.only


LOCAL: Final = Actor("planner", unrestricted=True)
"""Whoever uses a board on which nobody signs in."""
_PLANS_ONLY: Final = frozenset({Role.PLANNER})
AUTOMATION: Final = Actor("automation", only=_PLANS_ONLY, own=_PLANS_ONLY)
"""Who pulls and plans without anybody asking. It is no person: it releases and seconds nothing, whatever roles its name is
given, and nobody can sign in or release under its name (``refuse_automation``)."""


class Forbidden(ShopwrightError):
    """The actor has no role that allows the action; ``needed`` are the roles of which one would do."""

    def __init__(self, person: str, action: Action) -> None:
        self.person = person
        self.action = action
        self.needed = roles_for(action)
        super().__init__(f"{person} may not {action.value}: that takes the role {' or '.join(self.needed)}")


def roles_for(action: Action) -> tuple[Role, ...]:
    """The roles of which each allows the action."""
    return tuple(role for role in Role if action in ALLOWED[role])


def allows(roles: Collection[Role], action: Action) -> bool:
    """Whether one of the roles allows the action."""
    return any(action in ALLOWED[role] for role in roles)


def role_named(text: str) -> Role:
    """The role of this name. Raises InvalidValue for any other text."""
    try:
        return Role(text)
    except ValueError:
        raise InvalidValue("role", text, f"must be one of {', '.join(Role)}") from None


def refuse_automation(name: str, where: str = "person") -> str:
    """The name, where it is not automation's in any letter case. Raises InvalidValue."""
    if name.strip().casefold() == AUTOMATION.name:
        raise InvalidValue(where, name, "is the name under which Shopwright plans by itself")
    return name
