"""A question before a release or a roll-back, which looks at the ERP and asks for a reason where its rows have changed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import ParamSpec, TypeVar

import streamlit as st

from dashboard.background import progress
from dashboard.components import release_alerts
from dashboard.presentation import safe_text
from dashboard.state.request_ids import give_up_if_used
from scheduler_core.data.database import DatabaseUnavailable
from scheduler_core.data.read_progress import ReadProgress
from scheduler_core.data.store.records import Release
from scheduler_core.data.store_errors import Refused, StaleSnapshot
from scheduler_core.errors import Cancelled, ShopwrightError
from scheduler_core.i18n.translate import t

P = ParamSpec("P")
T = TypeVar("T")


@dataclass(frozen=True)
class ReleaseDialog:
    """One such question of a session.

    question, stale: where the session keeps what is asked, and that the ERP's rows have changed meanwhile. not_saved: the
    message for a database that could not save, with the placeholder ``error``; translated when it is shown.
    """

    question: str
    stale: str
    not_saved: str

    def show(self, title: str, draw: Callable[P, None], *arguments: P.args, **more: P.kwargs) -> None:
        """Draw the question over the page; whoever closes it has not answered."""
        st.dialog(title, on_dismiss=self.close)(draw)(*arguments, **more)

    def close(self) -> None:
        """Close the question without an answer."""
        st.session_state.pop(self.question, None)
        st.session_state.pop(self.stale, None)

    def release(
        self, plant: str, token: str, work: Callable[[ReadProgress], Release], released: Callable[[Release], None]
    ) -> None:
        """Do ``work``, which looks at the ERP and takes its time, then ``released`` with what came of it. ``token``: names
        the request id."""
        reason_asked = st.session_state.get(self.stale) is not None

        def settle(result: Callable[[], Release], *, later: bool) -> None:
            release = self.attempt(plant, result, token)
            if release is not None:
                released(release)
            elif st.session_state.get(self.stale) and not reason_asked:
                st.rerun()
            elif later:  # the reason stands above the page, and the question would cover it
                self.close()

        progress.wait_for(t("Checking the plan and the ERP once more…"), work, settle)

    def attempt(self, plant: str, act: Callable[[], T], token: str | None = None) -> T | None:
        """What an act on the plant's releases returns; None after a refusal, shown in its own words. ``token``: names the
        act's request id, if it has one.

        Where the database could not save, Today goes on telling it, and the release before stays in force.
        """
        try:
            made = act()
        except StaleSnapshot as changed:
            st.session_state[self.stale] = str(changed)
            return None
        except DatabaseUnavailable as failure:
            release_alerts.failed_saves().note(plant, str(failure))
            message = t(self.not_saved, error=safe_text.escape_markdown(str(failure)))
            st.error(message, icon=":material/error:")
            return None
        except Cancelled:
            st.info(t("Cancelled: nothing was released."), icon=":material/cancel:")
            return None
        except ShopwrightError as error:
            if token is not None:
                give_up_if_used(token, error)
            icon = ":material/block:" if isinstance(error, Refused) else ":material/error:"
            st.error(t("Not released: {error}", error=safe_text.escape_markdown(str(error))), icon=icon)
            return None
        release_alerts.failed_saves().clear(plant)
        return made
