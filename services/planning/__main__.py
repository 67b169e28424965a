"""Runs planning as a process: `python -m services.planning`."""

from services.chassis.runner import run
from services.planning.app import create_app
from services.planning.settings import Settings

run("planning", Settings, create_app)
