"""What the SDKs of other languages sent, as recorded byte for byte: requests and Kafka records."""

import base64
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

RECORDED = Path(__file__).parent / "recorded"
REQUESTS = sorted(RECORDED.glob("*.http"))
RECORDS = sorted(RECORDED.glob("*.kafka.json"))


@dataclass(frozen=True)
class Sent:
    """A Kafka message as an SDK made it."""

    headers: Sequence[tuple[str, bytes | None]]
    key: bytes | None
    value: bytes


def request_to(file: Path, port: int, token: str) -> bytes:
    """The recorded request, addressed to the door and with its token: nothing else of it is changed."""
    head, _, body = file.read_bytes().partition(b"\r\n\r\n")
    first, *headers = head.split(b"\r\n")
    method, _, version = first.split(b" ")
    kept = [header for header in headers if not header.lower().startswith((b"host:", b"connection:"))]
    own = [b"Host: 127.0.0.1:%d" % port, b"Connection: close", b"Authorization: Bearer " + token.encode()]
    return b"\r\n".join((b" ".join((method, b"/api/events", version)), *kept, *own)) + b"\r\n\r\n" + body


def record_in(file: Path) -> Sent:
    """The recorded Kafka message."""
    found = json.loads(file.read_text())
    headers = [(name, None if value is None else base64.b64decode(value)) for name, value in found["headers"]]
    key = None if found["key"] is None else base64.b64decode(found["key"])
    return Sent(headers, key, base64.b64decode(found["value"]))
