"""Runs monitoring as a process: `python -m services.monitoring`; with `token` or `rebuild` it does that and ends."""

import asyncio
import sys

from services.chassis.runner import run
from services.chassis.settings import load_or_exit
from services.monitoring.app import create_app
from services.monitoring.rebuild.command import run_rebuild_command
from services.monitoring.settings import Settings
from services.monitoring.token_command import run_token_command

COMMANDS = {"token": run_token_command, "rebuild": run_rebuild_command}

if __name__ == "__main__":  # the processes that help a rebuild import this module under another name
    if sys.argv[1:2] and sys.argv[1] in COMMANDS:
        sys.exit(asyncio.run(COMMANDS[sys.argv[1]](load_or_exit(Settings), sys.argv[2:])))
    run("monitoring", Settings, create_app)
