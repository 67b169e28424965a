"""The golden files: JSON Schemas of all messages and the AsyncAPI document, generated from the models.

Never edited by hand: `python -m contracts.schemas` writes them, and a test compares; with `release` it also notes the
digests of new examples, which may not change from then on.
"""

import hashlib
import json
import sys
from pathlib import Path
from typing import Any

from contracts.asyncapi import build_asyncapi
from contracts.registry import REPORTS, TYPES, Model

HERE = Path(__file__).parent
RELEASED = "examples/released.json"
DIALECT = "https://json-schema.org/draft/2020-12/schema"
_TIME = {"type": "string", "format": "date-time"}
_WORD = {"type": "string", "minLength": 1}

ENVELOPE: dict[str, Any] = {
    "title": "CloudEvent",
    "description": "The envelope of our messages: CloudEvents 1.0 in structured mode.",
    "type": "object",
    "required": ["specversion", "id", "source", "type", "subject", "time", "data"],
    "properties": {
        "specversion": {"const": "1.0"},
        "id": _WORD,
        "source": {**_WORD, "format": "uri-reference"},
        "type": {"type": "string", "pattern": "^vn\\.edu\\.hcmute\\.publicity\\.[a-z-]+\\.v[0-9]+$"},
        "subject": _WORD,
        "time": {**_TIME, "description": "When the fact happened."},
        "datacontenttype": {"const": "application/json"},
        "dataschema": {"type": "string", "pattern": "^urn:vn\\.edu\\.hcmute\\.publicity:[a-z-]+:v[0-9]+$"},
        "partitionkey": {**_WORD, "description": "The Kafka key, equal to the subject."},
        "sequence": {"type": "string", "pattern": "^[0-9]{10,18}$", "description": "Version of the aggregate."},
        "recordedtime": {**_TIME, "description": "When we learned the fact."},
        "correlationid": {"type": "string"},
        "causationid": {"type": "string"},
        "traceparent": {"type": "string"},
        "data": {"type": "object"},
    },
}


def build_files() -> dict[str, str]:
    """Return the text of every golden file, by its path under `contracts/`."""
    files: dict[str, Any] = {"schemas/envelope.v1.json": {"$schema": DIALECT, **ENVELOPE}}
    for name, kind in TYPES.items():
        files[f"schemas/{name}.v1.json"] = _schema(kind.model, kind.dataschema)
    for name, model in REPORTS.items():
        files[f"schemas/inbox-{name}.v1.json"] = _schema(model, f"{TYPES[name].dataschema}:inbox")
    files["asyncapi.json"] = build_asyncapi(ENVELOPE)
    return {path: json.dumps(content, ensure_ascii=False, indent=2) + "\n" for path, content in files.items()}


def _schema(model: Model, address: str) -> dict[str, Any]:
    return {"$schema": DIALECT, "$id": address, **model.model_json_schema()}


def write_files() -> list[str]:
    """Write the golden files and return the paths of those that changed."""
    changed = []
    for path, text in build_files().items():
        file = HERE / path
        if not file.exists() or file.read_text(encoding="utf-8") != text:
            file.parent.mkdir(exist_ok=True)
            file.write_text(text, encoding="utf-8")
            changed.append(path)
    return changed


def release_examples() -> list[str]:
    """Note the digest of every example that was not released before, and return their names."""
    file = HERE / RELEASED
    released = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
    examples = {f"{path.parent.name}/{path.stem}": path for path in (HERE / "examples").glob("*/*.json")}
    new = sorted(examples.keys() - released.keys())
    released |= {name: hashlib.sha256(examples[name].read_bytes()).hexdigest() for name in new}
    file.write_text(json.dumps(released, indent=2, sort_keys=True) + "\n", encoding="utf-8")
    return new


if __name__ == "__main__":
    written = write_files() + (release_examples() if "release" in sys.argv[1:] else [])
    print("\n".join(written) or "nothing changed")  # noqa: T201  a command line talks to people
