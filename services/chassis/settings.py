"""The settings of a service: the only module that reads the environment; it must never print a secret."""

import json
import re
import sys
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

from pydantic import Field, SecretStr, ValidationError, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict, SettingsError

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
    kafka_password: SecretStr = Field(default=SecretStr(""), validate_default=True)
    mongo_url: SecretStr = SecretStr("mongodb://127.0.0.1:27017/?directConnection=true")
    mongo_prefix: str = Field(default="publicity_", pattern=r"^[a-z0-9_]{1,30}$")
    topic_prefix: str = Field(default="", pattern=r"^[a-z0-9-]{0,40}$")
    clock_file: Path | None = None
    room_urls: Annotated[dict[str, str], NoDecode] = Field(
        default_factory=lambda: {name: f"http://127.0.0.1:{port}" for name, port in ROOMS.items()}
    )
    cookie_secure: bool = Field(default=False, description="true behind TLS: __Host- cookies")
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"

    @field_validator("kafka_bootstrap")
    @classmethod
    def _is_list_of_addresses(cls, value: str) -> str:
        if not all(re.fullmatch(r"[^\s:/@]+:\d{1,5}|\[[0-9a-fA-F:]+\]:\d{1,5}", part) for part in value.split(",")):
            raise ValueError("must be host:port, several with commas and no blanks between them")
        return value

    @field_validator("mongo_url")
    @classmethod
    def _is_mongo_url(cls, value: SecretStr) -> SecretStr:
        if not value.get_secret_value().startswith(("mongodb://", "mongodb+srv://")):
            raise ValueError("must begin with mongodb:// or mongodb+srv://")
        return value

    @field_validator("room_urls", mode="before")
    @classmethod
    def _is_json(cls, value: Any) -> Any:
        try:
            return json.loads(value) if isinstance(value, str) else value
        except ValueError as error:
            raise ValueError("must be a JSON object of room names and addresses") from error

    @field_validator("room_urls")
    @classmethod
    def _names_all_rooms(cls, value: dict[str, str]) -> dict[str, str]:
        missing = sorted(ROOMS.keys() - value.keys())
        if missing:
            raise ValueError(f"lacks {', '.join(missing)}: give the address of all five rooms")
        return value

    @field_validator("clock_file")
    @classmethod
    def _step_clock_is_for_trying_out(cls, value: Path | None, info: ValidationInfo) -> Path | None:
        if value and info.data.get("environment") not in ("demo", "test"):
            raise ValueError("stops the clock; it is refused unless ENVIRONMENT is demo or test: unset CLOCK_FILE")
        return value

    @field_validator("kafka_password")
    @classmethod
    def _comes_with_the_user(cls, value: SecretStr, info: ValidationInfo) -> SecretStr:
        if bool(info.data.get("kafka_user")) != bool(value.get_secret_value()):
            raise ValueError("KAFKA_USER and KAFKA_PASSWORD are given together, or neither")
        return value

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
    except SettingsError as error:  # a list or a table that is no JSON; names the field, not the value
        raise SettingsInvalid(f"the settings are not valid: {error}") from None


def load_or_exit(settings: type[SettingsT]) -> SettingsT:
    """Read the settings, or end the process with code 2 after naming every fault."""
    try:
        return load(settings)
    except SettingsInvalid as error:
        sys.stderr.write(f"{error}\n")
        raise SystemExit(2) from None
