"""``/v1/roles``: who has which role."""

from __future__ import annotations

from typing import Annotated

from fastapi import Path, Response

from scheduler_core.api import problems
from scheduler_core.api.calls import Asked
from scheduler_core.api.documents import Document, Moment
from scheduler_core.api.routing import needs, resource
from scheduler_core.people.person_names import MAX_PERSON
from scheduler_core.roles import Action, Role
from scheduler_core.services import authorized

router = resource("roles")
Person = Annotated[str, Path(min_length=1, max_length=MAX_PERSON, description="The name as the sign-in gives it")]


class RoleDocument(Document):
    """A role in force."""

    person: str
    role: Role
    granted_by: str
    granted_at: Moment


class RoleList(Document):
    """All roles in force, by person and role."""

    items: list[RoleDocument]


@router.get("", summary="Who has which role", **needs(Action.MANAGE_ROLES))
def every(call: Asked) -> RoleList:
    """All roles in force."""
    granted = authorized.roles_in_force(call.store, call.actor)
    return RoleList(items=[RoleDocument(person=g.person, role=g.role, granted_by=g.actor, granted_at=g.at) for g in granted])


@router.put("/{person}/{role}", summary="Give a role", status_code=204, **needs(Action.MANAGE_ROLES))
def grant(person: Person, role: Role, call: Asked) -> Response:
    """It counts with the person's next request. A role that the person has stays."""
    authorized.grant_role(call.store, call.actor, person, role.value)
    return Response(status_code=204)


@router.delete("/{person}/{role}", summary="Take a role", status_code=204, **needs(Action.MANAGE_ROLES, problems.REFUSED))
def revoke(person: Person, role: Role, call: Asked) -> Response:
    """Also from the person's tokens, with the next request. The last admin stays: 409."""
    authorized.revoke_role(call.store, call.actor, person, role.value)
    return Response(status_code=204)
