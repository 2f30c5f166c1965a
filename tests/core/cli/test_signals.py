"""SIGTERM ends a command that keeps its state in the way Ctrl-C does."""

from __future__ import annotations

import os
import signal

import pytest

from scheduler_core.cli.signals import terminated_like_interrupted


def test_sigterm_is_an_interrupt_inside_and_the_usual_handler_is_back_outside() -> None:
    usual = signal.getsignal(signal.SIGTERM)
    with pytest.raises(KeyboardInterrupt), terminated_like_interrupted():
        os.kill(os.getpid(), signal.SIGTERM)
    assert signal.getsignal(signal.SIGTERM) == usual
