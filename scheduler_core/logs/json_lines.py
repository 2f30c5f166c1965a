"""Structured logs: one JSON object a line, in files that several processes share, and never a secret among them.

``set_up`` once per process; modules log through ``logging.getLogger(__name__)``, figures in ``extra={...}``. What happens
within ``about_run`` carries the run's id, so that one run can be followed from the button to the worker process, its engine
and the store: ``grep RUN_ID var/log/*.jsonl``.
"""

from __future__ import annotations

import contextlib
import contextvars
import json
import logging
import sys
import traceback
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from scheduler_core.errors import InvalidValue
from scheduler_core.logs.redaction import masked
from scheduler_core.logs.shared_file import SharedLogFile
from scheduler_core.settings import environment

LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")
FILE = "shopwright.jsonl"
OURS = ("scheduler_core", "dashboard")
"""Loggers that are kept from the chosen level on; others (streamlit and its kind) from WARNING on."""

_run: contextvars.ContextVar[str | None] = contextvars.ContextVar("run", default=None)
_role: list[str] = ["?"]
_USUAL = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


class JsonLines(logging.Formatter):
    """A record as one line: time (UTC), level, role, pid, logger, run, message, then what ``extra`` held, then a trace."""

    def format(self, record: logging.LogRecord) -> str:
        """Never raises for what a record holds, and masks every secret in it."""
        line: dict[str, object] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "role": _role[0],
            "pid": record.process,
            "logger": record.name,
        }
        extra = {key: value for key, value in vars(record).items() if key not in _USUAL}
        run = extra.pop("run", None) or _run.get()
        if run is not None:
            line["run"] = run
        line["message"] = record.getMessage()
        line |= extra
        if record.exc_info and record.exc_info[0] is not None:
            line["trace"] = "".join(traceback.format_exception(*record.exc_info))
        return json.dumps(masked(line), ensure_ascii=False, default=str)


@contextlib.contextmanager
def about_run(run_id: str) -> Iterator[None]:
    """Within it every line of this thread carries the run's id."""
    token = _run.set(run_id)
    try:
        yield
    finally:
        _run.reset(token)


def current_run() -> str | None:
    """The run that lines of this thread carry."""
    return _run.get()


def open_folder() -> Path | None:
    """The folder that this process logs to, None while it does not."""
    return next((h.path.parent for h in logging.getLogger().handlers if isinstance(h, SharedLogFile)), None)


def log_folder(usual: Path) -> Path:
    """Where the files lie: ``SHOPWRIGHT_LOG_FOLDER`` or the usual folder."""
    return environment.path(environment.LOG_FOLDER) or usual


def set_up(role: str, usual_folder: Path) -> None:
    """Log from now on, as this role (dashboard, worker, engine, cli).

    Again in the same process it changes the role only, and reaches the loggers that were made since.

    A folder that cannot be written is told on standard error: nobody's work depends on the log. Raises InvalidValue for a
    level that there is none of.
    """
    _role[0] = role
    level = (environment.text(environment.LOG_LEVEL) or "INFO").upper()
    if level not in LEVELS:
        raise InvalidValue(environment.LOG_LEVEL, level, f"must be one of {', '.join(LEVELS)}")
    path = log_folder(usual_folder) / FILE
    loggers = [logging.getLogger(), *_apart()]
    already = {h for logger in loggers for h in logger.handlers if isinstance(h, SharedLogFile)}
    kept = next((h for h in already if h.path == path), None)
    if kept is not None:
        # Loggers that came after the first call, such as Streamlit's with the first page.
        for logger in loggers:
            logger.addHandler(kept)
        return
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        print(f"no log is written: {path.parent}: {error.strerror}", file=sys.stderr)
        return
    handler = SharedLogFile(path)
    handler.setFormatter(JsonLines())
    for logger in loggers:
        for old in already:
            logger.removeHandler(old)
        logger.addHandler(handler)
    for name in OURS:
        logging.getLogger(name).setLevel(level)


def _apart() -> list[logging.Logger]:
    """Streamlit's loggers, none of which passes on what it is told; an error on a page comes from one of them."""
    known = [logging.getLogger(name) for name in logging.root.manager.loggerDict if name.partition(".")[0] == "streamlit"]
    return [logger for logger in known if not logger.propagate]
