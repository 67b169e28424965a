"""One running system per test module, on the platform of the whole run."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest

from tests.live.system import System

NOW = datetime.fromisoformat("2026-09-07T09:00:00+07:00")


@pytest.fixture(scope="module")
def system(
    platform: object, tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Iterator[System]:
    """Five processes with accounts of every role; the module may name its first instant as NOW and its SETTINGS."""
    folder: Path = tmp_path_factory.mktemp("system")
    settings = getattr(request.module, "SETTINGS", {})
    running = System(platform.kafka_bootstrap, platform.mongo_url, folder, settings)  # type: ignore[attr-defined]
    try:
        running.start(getattr(request.module, "NOW", NOW))
        running.open_accounts(
            drafter="editor",
            editor="editor",
            head="office_head",
            rector="rectorate",
            contributor="contributor",
            operator="operator",
            viewer="viewer",
        )
        yield running
    finally:
        running.stop()
