"""Runs monitoring as a process: `python -m services.monitoring`; with `token ...` it makes a token and ends."""

import asyncio
import sys

from services.chassis.runner import run
from services.chassis.settings import load_or_exit
from services.monitoring.app import create_app
from services.monitoring.settings import Settings
from services.monitoring.token_command import run_token_command

if sys.argv[1:2] == ["token"]:
    sys.exit(asyncio.run(run_token_command(load_or_exit(Settings), sys.argv[2:])))
run("monitoring", Settings, create_app)
