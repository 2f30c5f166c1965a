"""Who uses this session, and what that person may do: asked anew on every rerun and before every act, never remembered."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from functools import lru_cache, reduce
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

import streamlit as st
from streamlit.errors import StreamlitSecretNotFoundError

from dashboard.auth.sign_in import FORWARDED_ALLOW_IPS, ConnectionFacts, NotSignedIn, check_secrets, who
from dashboard.presentation import safe_text
from scheduler_core.data.store import Store
from scheduler_core.i18n.translate import mark, t
from scheduler_core.roles import Action, Actor, Forbidden
from scheduler_core.services import authorized
from scheduler_core.settings import locations
from scheduler_core.settings.sign_in import SignIn, load

ACTION_WORDS: Final[Mapping[Action, str]] = {
    Action.LOOK: mark("look at plans"),
    Action.PULL: mark("pull or add jobs"),
    Action.PLAN: mark("start, stop or change plans"),
    Action.WHAT_IF: mark("ask what-if questions or put their plans up for approval"),
    Action.APPROVE: mark("release a plan"),
    Action.ACTIVATE_MODEL: mark("choose the checkpoint that plans"),
    Action.MANAGE_ROLES: mark("give or take roles"),
}
"""What a refusal says of each action: "... may not ...". The names of the roles themselves are those of the command line."""


def settings() -> SignIn:
    """How people sign in. Raises InvalidValue for a file that is wrong."""
    path = locations.sign_in_config()
    return _settings(path, path.stat().st_mtime_ns if path.exists() else 0)


@lru_cache(maxsize=4)
def _settings(path: Path, changed: int) -> SignIn:
    del changed
    return load(path)


def actor() -> Actor:
    """Who is acting now. Raises NotSignedIn."""
    return who(settings(), seen())


def seen() -> ConnectionFacts:
    """What Streamlit knows of this session's connection."""
    headers = st.context.headers
    return ConnectionFacts(
        bound_to=st.get_option("server.address"),
        # Streamlit gives None for this machine's own addresses.
        peer=st.context.ip_address or "127.0.0.1",
        now=time.time(),
        headers={name.lower(): headers.get_all(name) for name in headers},
        claims=dict(st.user.to_dict()),
        forwarded_allow_ips=os.environ.get(FORWARDED_ALLOW_IPS),
    )


def may_not(store: Store, action: Action) -> str | None:
    """Why the person may not do something, for a button that is drawn all the same; None if it may be done."""
    person = actor()
    return None if authorized.may(store, person, action) else refusal(Forbidden(person.name, action))


def refusal(forbidden: Forbidden) -> str:
    """What a person may not do, and which role it takes."""
    roles = reduce(lambda some, one: t("{roles} or {role}", roles=some, role=one), (r.value for r in forbidden.needed))
    action = t(ACTION_WORDS[forbidden.action])
    return t("{person} may not {action}: this needs the role {roles}", person=forbidden.person, action=action, roles=roles)


def enter(store: Store) -> Actor:
    """The person whose pages are drawn; for anybody else a page that says what is missing, and the run ends."""
    sign_in = settings()
    if sign_in.way == "oidc":
        check_secrets(_auth(), find_spec("authlib") is not None)
    try:
        person = actor()
        authorized.require(store, person, Action.LOOK)
    except NotSignedIn as nobody:
        _ask_to_sign_in(nobody)
        st.stop()
    except Forbidden as forbidden:
        _without_role(sign_in, forbidden)
        st.stop()
    return person


def badge() -> None:
    """In the frame above each page: who is signed in; nothing where nobody has to be."""
    person = actor()
    if person.unrestricted:
        return
    st.badge(safe_text.escape_badge(person.name), icon=":material/account_circle:", color="gray")
    if settings().way == "oidc" and st.button(t("Sign out"), type="tertiary", key="sign_out"):
        st.logout()


def tell_no_sign_in() -> None:
    """For IT, on Monitor: that nobody has to sign in here."""
    if actor().unrestricted:
        st.badge(
            t("No sign-in"), icon=":material/no_accounts:", color="gray",
            help=t("All users of this machine may do everything here. How to let people sign in: docs/people.md"),
        )  # fmt: skip


def _ask_to_sign_in(nobody: NotSignedIn) -> None:
    st.title("Shopwright")
    st.text(str(nobody))
    if nobody.can_sign_in and st.button(t("Sign in"), type="primary", icon=":material/login:", key="sign_in"):
        st.login()


def _without_role(sign_in: SignIn, forbidden: Forbidden) -> None:
    st.title("Shopwright")
    st.text(t("You are signed in as {person}, but you have no role yet.", person=forbidden.person))
    st.text(t("Ask an administrator, who can do so on the page People or with: shopwright roles grant PERSON viewer"))
    if sign_in.way == "oidc" and st.button(t("Sign out"), key="sign_out"):
        st.logout()


def _auth() -> Mapping[str, Any] | None:
    try:
        found = st.secrets.get("auth")
    except StreamlitSecretNotFoundError:
        return None
    return found if isinstance(found, Mapping) else None
