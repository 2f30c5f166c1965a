"""Who may do what, written out once more, for the tests of roles."""

from __future__ import annotations

from scheduler_core.roles import Action, Role

MATRIX = {
    Role.VIEWER: {Action.LOOK},
    Role.PLANNER: {Action.LOOK, Action.PULL, Action.PLAN, Action.WHAT_IF},
    Role.APPROVER: {Action.LOOK, Action.APPROVE},
    Role.ADMIN: {Action.LOOK, Action.ACTIVATE_MODEL, Action.MANAGE_ROLES},
}
