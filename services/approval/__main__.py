"""Runs approval as a process: `python -m services.approval`."""

from services.approval.app import create_app
from services.approval.settings import Settings
from services.chassis.runner import run

run("approval", Settings, create_app)
