"""The settings of a service: the only module that reads the environment; it must never print a secret."""

import sys
from pathlib import Path
from typing import Literal, Self, TypeVar

from pydantic import Field, SecretStr, ValidationError, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

ROOMS = {"planning": 8001, "approval": 8002, "publishing": 8003, "monitoring": 8004, "reporting": 8005}

SettingsT = TypeVar("SettingsT", bound="Settings")


class Settings(BaseSettings):
    """What every service can be told by its environment; a service adds its own fields in a subclass."""

    model_config = SettingsConfigDict(env_ignore_empty=True, extra="ignore", frozen=True)

    environment: Literal["local", "demo", "test", "production"] = "local"
    host: str = "127.0.0.1"
    port: int = Field(default=0, ge=0, le=65535, description="0: the service's own default")
    kafka_bootstrap: str = "127.0.0.1:9092"
    kafka_user: str = ""
    kafka_password: SecretStr = SecretStr("")
    mongo_url: SecretStr = SecretStr("mongodb://127.0.0.1:27017/?directConnection=true")
    mongo_prefix: str = Field(default="publicity_", pattern=r"^[a-z0-9_]{1,30}$")
    topic_prefix: str = Field(default="", pattern=r"^[a-z0-9-]{0,40}$")
    clock_file: Path | None = None
    room_urls: dict[str, str] = Field(
        default_factory=lambda: {name: f"http://127.0.0.1:{port}" for name, port in ROOMS.items()}
    )
    cookie_secure: bool = Field(default=False, description="true behind TLS: __Host- cookies")
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"

    @model_validator(mode="after")
    def _step_clock_is_for_trying_out(self) -> Self:
        if self.clock_file and self.environment not in ("demo", "test"):
            message = "CLOCK_FILE stops the clock; it is refused unless ENVIRONMENT is demo or test: unset CLOCK_FILE"
            raise ValueError(message)
        missing = sorted(ROOMS.keys() - self.room_urls.keys())
        if missing:
            message = f"ROOM_URLS lacks {', '.join(missing)}: give the address of all five rooms"
            raise ValueError(message)
        return self

    def printable(self) -> dict[str, str]:
        """Every setting as text, secrets as stars."""
        return {name: str(value) for name, value in self}


class SettingsInvalid(RuntimeError):
    """The environment does not make valid settings; the message names every fault at once."""


def load(settings: type[SettingsT]) -> SettingsT:
    """Read the settings from the environment.

    Raises:  SettingsInvalid naming every faulty setting, its rule and never its value.
    """
    try:
        return settings()
    except ValidationError as error:
        faults = [
            f"  {'_'.join(map(str, fault['loc'])).upper() or 'SETTINGS'}: {fault['msg']}" for fault in error.errors()
        ]
        message = "the settings are not valid; mend these and start again:\n" + "\n".join(faults)
        raise SettingsInvalid(message) from None


def load_or_exit(settings: type[SettingsT]) -> SettingsT:
    """Read the settings, or end the process with code 2 after naming every fault."""
    try:
        return load(settings)
    except SettingsInvalid as error:
        sys.stderr.write(f"{error}\n")
        raise SystemExit(2) from None
