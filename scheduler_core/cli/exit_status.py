"""Exit statuses, and how errors become one."""

from __future__ import annotations

from enum import IntEnum

from scheduler_core.errors import ShopwrightError


class Exit(IntEnum):
    """What the command's exit status means to a calling program."""

    DONE = 0
    VIOLATIONS = 1
    USAGE = 2
    NO_SCHEDULE = 3
    UNREACHABLE = 4
    INTERRUPTED = 130
    BROKEN_PIPE = 141


HELP = """exit status:
  0    done
  1    a schedule breaks a constraint (check), or an engine's schedule does (it is then not written); the store is
       inconsistent (db verify); a release is not delivered (export); the audit trail is broken (audit verify); a run
       started by this command failed (work); a check found a fault (health); the mapping does not fit the ERP (erp check);
       the availability was below the target (availability)
  2    wrong arguments, or a missing or wrong file
  3    no schedule: none exists, none was found in time, or the plant is too large for the engine
  4    a database is unreachable, or a result cannot be written
  130  interrupted
  141  the program that read the output has closed it"""


class CannotWrite(ShopwrightError):
    """A result that could not be written, and why."""


class Failed(ShopwrightError):
    """A command that could not do what it was asked; ``status`` is its exit status."""

    def __init__(self, status: Exit, message: str) -> None:
        super().__init__(message)
        self.status = status
