"""Runs publishing as a process: `python -m services.publishing`."""

from services.chassis.runner import run
from services.publishing.app import create_app
from services.publishing.settings import Settings

run("publishing", Settings, create_app)
