"""What people read about the platform is what it does."""

import re
from pathlib import Path

from deploy.local import settings

REPOSITORY = Path(__file__).parents[2]


def targets() -> set[str]:
    """The documented targets of the Makefile."""
    return set(re.findall(r"^([a-z-]+):.*## ", (REPOSITORY / "Makefile").read_text(), re.MULTILINE))


def test_every_setting_is_in_the_readme() -> None:
    told = (REPOSITORY / "deploy/local/README.md").read_text()
    ports = {f"{name.upper()}_PORT" for name in settings.SERVICE_PORTS}
    wanted = {*settings.PASSED, *settings.OWN_PORTS, *ports, "KAFKA_BOOTSTRAP", "MONGO_URL", "HOST", "PUBLICITY_CACHE"}
    assert not [name for name in wanted if f"`{name}`" not in told]


def test_every_make_command_in_a_readme_exists() -> None:
    for path in (REPOSITORY / "README.md", REPOSITORY / "deploy/local/README.md"):
        named = set(re.findall(r"`make ([a-z-]+)|^make ([a-z-]+)", path.read_text(), re.MULTILINE))
        assert {one or other for one, other in named} <= targets(), path


def test_the_locks_hold_hashes_and_no_address() -> None:
    for path in (REPOSITORY / "requirements").glob("*.txt"):
        text = path.read_text()
        assert "://" not in text, path
        pinned = re.findall(r"^[a-z0-9][^\n]*==[^\n]*\\$", text, re.MULTILINE | re.IGNORECASE)
        assert len(pinned) == len(re.findall(r"^[a-z0-9]", text, re.MULTILINE | re.IGNORECASE)), path
