"""What the platform can be told by its environment; the only module of it that reads the environment for choices."""

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Self

from deploy.local.platform import cache_folder
from deploy.local.trouble import Trouble

REPOSITORY = Path(__file__).parents[2]
SERVICE_PORTS = {"planning": 8001, "approval": 8002, "publishing": 8003, "monitoring": 8004, "reporting": 8005}
OWN_PORTS = {"KAFKA_PORT": 9092, "KAFKA_CONTROLLER_PORT": 9093, "MONGO_PORT": 27017}
LOOPBACK = "127.0.0.1"


@dataclass(frozen=True)
class Setup:
    """One platform: where its data lie, what it starts, what its services are told.

    Shape:   kind is "up" or "demo"; outside_kafka and outside_mongo are "" when the embedded ones are started;
             ports is {setting: port} of all that will listen; passed is the environment that services inherit.
    """

    kind: str
    folder: Path
    cache: Path
    host: str
    ports: dict[str, int]
    service_ports: dict[str, int]
    outside_kafka: str = ""
    outside_mongo: str = ""
    passed: dict[str, str] = field(default_factory=dict)
    command: tuple[str, ...] = ("-m", "services.{name}")

    @property
    def kafka_bootstrap(self) -> str:
        """Where services find Kafka."""
        return self.outside_kafka or f"{LOOPBACK}:{self.ports['KAFKA_PORT']}"

    @property
    def mongo_url(self) -> str:
        """Where services find MongoDB."""
        return self.outside_mongo or f"mongodb://{LOOPBACK}:{self.ports['MONGO_PORT']}/?directConnection=true"

    @property
    def mongo_prefix(self) -> str:
        """The prefix of the services' databases."""
        return self.passed.get("MONGO_PREFIX", "publicity_")

    @property
    def topic_prefix(self) -> str:
        """The prefix of the topics' names."""
        return self.passed.get("TOPIC_PREFIX", "")

    @property
    def reached_at(self) -> str:
        """The host under which this machine reaches the services."""
        return LOOPBACK if self.host in ("0.0.0.0", "::", "localhost") else self.host

    @property
    def urls(self) -> dict[str, str]:
        """The rooms' addresses: ROOM_URLS where it is given (a reverse proxy), else this machine's."""
        if "ROOM_URLS" in self.passed:
            return dict(json.loads(self.passed["ROOM_URLS"]))
        return {name: f"http://{self.reached_at}:{port}" for name, port in self.service_ports.items()}

    @property
    def clock(self) -> Path | None:
        """The step clock's file; the demo alone has one."""
        return self.folder / "clock" if self.kind == "demo" else None

    @property
    def login(self) -> dict[str, str]:
        """What an aiokafka client takes to sign in to an outside Kafka; empty without a login."""
        if not self.passed.get("KAFKA_USER"):
            return {}
        given = {"sasl_plain_username": self.passed["KAFKA_USER"], "sasl_plain_password": self.passed["KAFKA_PASSWORD"]}
        return {"security_protocol": "SASL_PLAINTEXT", "sasl_mechanism": "SCRAM-SHA-512", **given}

    def environment(self) -> dict[str, str]:
        """What every service is told; PORT comes with each."""
        told = {
            "ENVIRONMENT": "demo" if self.kind == "demo" else "local",
            **self.passed,
            "HOST": self.host,
            "KAFKA_BOOTSTRAP": self.kafka_bootstrap,
            "MONGO_URL": self.mongo_url,
            "ROOM_URLS": json.dumps(self.urls),
        }
        return told | ({"CLOCK_FILE": str(self.clock)} if self.clock else {})

    def to_json(self) -> str:
        """All of it as text, for the commands that come after `up`."""
        return json.dumps(asdict(self), default=str, indent=1)

    @classmethod
    def from_json(cls, text: str) -> Self:
        """What `to_json` wrote."""
        row = json.loads(text)
        paths = {name: Path(row[name]) for name in ("folder", "cache")}
        return cls(**row | paths | {"command": tuple(row["command"])})

    def listening(self) -> dict[str, int]:
        """{setting: port} of everything this platform will listen on."""
        services = {f"{name.upper()}_PORT": port for name, port in self.service_ports.items()}
        return self.ports | services


PASSED = ("MONGO_PREFIX", "TOPIC_PREFIX", "LOG_LEVEL", "INBOX_OPEN", "INBOX_SLUGS", "ADMIN_PASSWORD", "ROOM_URLS",
          "KAFKA_USER", "KAFKA_PASSWORD", "COOKIE_SECURE", "NEWS_URL", "QUOTA_PER_MINUTE",
          "SMTP_URL", "MAIL_FROM", "REMINDERS_FILE", "REMINDERS_MAILBOXES", "REMINDERS_HOUR",
          "APPROACHING_S")  # fmt: skip


def read(kind: str, given: Mapping[str, str] | None = None, *, home: Path | None = None) -> Setup:
    """Read the settings of "up" or "demo" from the environment.

    Raises:  Trouble naming a setting that is not valid.
    """
    given = os.environ if given is None else given
    local = (home or REPOSITORY / ".local").absolute()
    wanted = {f"{name.upper()}_PORT": port for name, port in SERVICE_PORTS.items()} | OWN_PORTS
    ports = {name: _port(name, given.get(name) or str(default)) for name, default in wanted.items()}
    setup = Setup(
        kind=kind,
        folder=local / "demo" if kind == "demo" else local,
        cache=cache_folder(),
        host=given.get("HOST") or LOOPBACK,
        ports={name: ports[name] for name in OWN_PORTS},
        service_ports={name: ports[f"{name.upper()}_PORT"] for name in SERVICE_PORTS},
        outside_kafka=given.get("KAFKA_BOOTSTRAP", ""),
        outside_mongo=given.get("MONGO_URL", ""),
        passed={name: given[name] for name in PASSED if given.get(name)},
    )
    return _without_embedded(setup)


def _without_embedded(setup: Setup) -> Setup:
    """Ports of what runs elsewhere are not ours to hold."""
    elsewhere = set()
    if setup.outside_kafka:
        elsewhere |= {"KAFKA_PORT", "KAFKA_CONTROLLER_PORT"}
    if setup.outside_mongo:
        elsewhere |= {"MONGO_PORT"}
    return replace(setup, ports={name: port for name, port in setup.ports.items() if name not in elsewhere})


def _port(name: str, text: str) -> int:
    if text.isdigit() and 1 <= int(text) <= 65535:
        return int(text)
    raise Trouble(f"{name}={text} is no port", do=f"Give {name} a number from 1 to 65535, or leave it out.")
