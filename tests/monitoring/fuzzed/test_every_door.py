"""P8: schemathesis on every door of monitoring's OpenAPI document: no crash, no 5xx, only statuses that it documents.

Half a minute here; FUZZ_S=600 for longer.
"""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.monitoring.fuzzed.running import monitoring

pytestmark = [pytest.mark.live, pytest.mark.soak]
SECONDS = int(os.environ.get("FUZZ_S", "30"))
CHECKS = "not_a_server_error,status_code_conformance,content_type_conformance"
SETTINGS = (
    "--phases examples,coverage,fuzzing --continue-on-failure --no-shrink --warnings off --suppress-health-check all"
)


@pytest.mark.parametrize("mode", ["negative", "positive"])
async def test_no_door_falls_over(mongo_url: str, tmp_path: Path, mode: str) -> None:
    async with monitoring(mongo_url, tmp_path / "log") as running:
        headers = [part for name, value in running.headers for part in ("-H", f"{name}:{value}")]
        asked = ["--mode", mode, "--max-time", str(SECONDS // 2), "--checks", CHECKS, *SETTINGS.split()]
        command = [sys.executable, "-m", "schemathesis.cli", "run", f"{running.address}/openapi.json"]
        done = subprocess.run([*command, *asked, *headers], cwd=tmp_path, capture_output=True, text=True, check=False)
        logged = running.log.read_text()
    assert done.returncode == 0, done.stdout[-20_000:] + done.stderr[-2_000:]
    assert "unexpected error" not in logged
    assert "Traceback" not in logged
