"""``shopwright serve``: the HTTP API for programs."""

from __future__ import annotations

import argparse
from pathlib import Path

from scheduler_core.cli.board import port_number
from scheduler_core.cli.exit_status import Exit, Failed
from scheduler_core.cli.signals import stopped_by_signals
from scheduler_core.cli.terminal import Terminal, write


def add(parser: argparse.ArgumentParser) -> None:
    """Declares the arguments."""
    parser.add_argument(
        "--address", default="127.0.0.1", metavar="ADDRESS", help="the address to listen on (default: %(default)s)"
    )
    parser.add_argument(
        "--port", type=port_number, default=8600, metavar="N", help="the server's port (default: %(default)s)"
    )
    parser.add_argument(
        "--beyond-this-machine", action="store_true",
        help="listen on an address that others reach; tokens cross the network in plain HTTP, so a proxy with TLS must be "
        "the only one that does",
    )  # fmt: skip
    parser.add_argument(
        "--no-runs", action="store_true",
        help="begin no runs here, and pull and plan nothing automatically: 'shopwright work --watch' on the same store does "
        "(default: begin waiting runs as slots get free, and act as configs/automation.yaml says)",
    )  # fmt: skip
    parser.add_argument(
        "--write-document", type=Path, metavar="FILE", help="write the OpenAPI document of the API, and serve nothing"
    )  # fmt: skip


def run(args: argparse.Namespace, terminal: Terminal) -> int:
    """Serves until stopped (Ctrl-C or SIGTERM): then answers what was asked, begins no run any more and ends with the last
    run at work. A second signal ends it at once and leaves the runs active."""
    from scheduler_core.api.app import routed_app
    from scheduler_core.api.document import as_text

    if args.write_document is not None:
        write(args.write_document, as_text(routed_app().openapi()))
        return Exit.DONE
    from scheduler_core import logs
    from scheduler_core.alerts import service as alerts
    from scheduler_core.api.server import ApiServer, listen
    from scheduler_core.api.service import Service
    from scheduler_core.automation.config import load_automation
    from scheduler_core.automation.host import AutomationService
    from scheduler_core.data.store import Store
    from scheduler_core.runs.supervisor import Supervisor
    from scheduler_core.runs.warm_workers import WarmWorkers
    from scheduler_core.services.bearer_tokens import identifier
    from scheduler_core.settings import locations
    from scheduler_core.settings.api_settings import load_api_settings
    from scheduler_core.settings.run_slots import load_run_slots
    from scheduler_core.settings.sign_in import load as load_sign_in

    logs.set_up("serve", locations.var() / "log")
    load_run_slots()  # settings that are wrong are refused now, not when the first run waits
    load_automation()
    settings = load_api_settings()
    identify = identifier(load_sign_in(locations.sign_in_config()))
    try:
        sock = listen(args.address, args.port, beyond=args.beyond_this_machine)
    except OSError as error:
        raise Failed(Exit.UNREACHABLE, f"cannot listen on {args.address}, port {args.port}: {error.strerror}") from None
    with sock:
        store = Store.open()
        try:
            service = Service(store, identify, settings)
            # A session of their own: a Ctrl-C for this server must not end the runs at work.
            supervisor = None if args.no_runs else Supervisor(store, warm=WarmWorkers(own_session=True))
            automation = None if args.no_runs else AutomationService(store, terminal.say)
            server = ApiServer(service, supervisor, say=terminal.say, status=terminal.status)
            host = f"[{args.address}]" if ":" in args.address else args.address
            terminal.say(f"the API answers at http://{host}:{sock.getsockname()[1]}/v1; stop it with Ctrl-C")
            try:
                with stopped_by_signals() as stopped, alerts.beside(store, "serve", terminal.say):
                    if automation is not None:
                        automation.start(stopped)
                    server.serve(sock, stopped)
            finally:
                if automation is not None:
                    automation.close()
                if supervisor is not None:
                    supervisor.close()
        finally:
            store.close()
    return Exit.DONE
