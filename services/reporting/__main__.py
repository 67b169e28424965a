"""Runs reporting as a process: `python -m services.reporting`."""

from services.chassis.runner import run
from services.reporting.app import create_app
from services.reporting.settings import Settings

run("reporting", Settings, create_app)
