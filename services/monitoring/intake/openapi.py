"""What the OpenAPI document says of the intake: requests in every mode, answers, examples and the list of rules.

Pure. Never a second place for a rule: the rules, the limits and the types are read from where they hold.
"""

from typing import Any

from contracts.fields import Record
from contracts.registry import REPORTS
from services.monitoring.intake.acceptance import FLAGS, Status
from services.monitoring.intake.attributes import MAX_ATTRIBUTES_BYTES
from services.monitoring.intake.bindings import (
    BATCH,
    MAX_BATCH_BYTES,
    MAX_BATCH_MESSAGES,
    MAX_EVENT_BYTES,
    STRUCTURED,
)
from services.monitoring.intake.event_rules import KNOWN_TYPES
from services.monitoring.intake.faults import RULES, rules_table

Schema = dict[str, Any]
_HELD = next(type for type, name in KNOWN_TYPES.items() if name == "event-held")
_DATA_EXAMPLE = {
    "event_id": "DH-20261120-07",
    "title": "Hội thảo Cơ điện tử",
    "unit": "K_CK",
    "started_at": "2026-11-20T08:00:00+07:00",
    "ended_at": "2026-11-20T11:00:00+07:00",
}
_ATTRIBUTES = {"specversion": "1.0", "id": "sis-000123", "source": "/sis", "type": _HELD}
_MESSAGE_EXAMPLE = {**_ATTRIBUTES, "data": _DATA_EXAMPLE}
_TEXT: Schema = {"type": "string"}


def _inlined(schema: Any, definitions: Schema) -> Any:
    """The schema with its definitions where they are used: in an OpenAPI document a reference would lead astray."""
    if isinstance(schema, list):
        return [_inlined(part, definitions) for part in schema]
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        return _inlined(definitions[schema["$ref"].rpartition("/")[2]], definitions)
    return {name: _inlined(part, definitions) for name, part in schema.items() if name != "$defs"}


def _schema_of(model: type[Record]) -> Any:
    schema = model.model_json_schema()
    return _inlined(schema, schema.get("$defs", {}))


_DATA: Schema = {"anyOf": [_schema_of(model) for model in dict.fromkeys(REPORTS.values())]}
_MESSAGE: Schema = {
    "title": "CloudEvent 1.0",
    "type": "object",
    "required": ["specversion", "id", "source", "type", "data"],
    "properties": {
        "specversion": {"const": "1.0"},
        "id": {**_TEXT, "minLength": 1, "maxLength": 1024, "description": "The sender's id of this message."},
        "source": {**_TEXT, "format": "uri-reference", "description": "The token's source, or a path below it."},
        "type": {"enum": list(KNOWN_TYPES)},
        "time": {"type": ["string", "null"], "format": "date-time"},
        "data": _DATA,
    },
    "propertyNames": {"pattern": "^([a-z0-9]+|data_base64)$"},
    "additionalProperties": {"type": ["string", "integer", "boolean", "null"]},
}
REASON: Schema = {
    "type": "object",
    "required": ["pointer", "rule", "detail", "fix"],
    "properties": {"pointer": _TEXT, "rule": {"enum": list(RULES)}, "detail": _TEXT, "fix": _TEXT},
}
RECEIPT: Schema = {
    "title": "Receipt",
    "type": "object",
    "required": ["id", "message_id", "source", "status", "event_key", "href"],
    "properties": {
        "id": _TEXT,
        "message_id": {"type": ["string", "null"]},
        "source": {"type": ["string", "null"]},
        "type": {"type": ["string", "null"]},
        "status": {"enum": [status.value for status in Status]},
        "event_key": {"type": ["string", "null"]},
        "href": _TEXT,
        "at": {"type": "string", "format": "date-time", "description": "When the message was received."},
        "flags": {"type": "array", "items": {"enum": list(FLAGS)}},
        "reasons": {"type": "array", "items": REASON, "description": "Why it was quarantined."},
        "resolution": {
            "type": "object",
            "description": "What people did about it, once it was quarantined.",
            "required": ["status", "at"],
            "properties": {
                "status": {"enum": ["REPLAYED", "DISCARDED"]},
                "at": _TEXT,
                "receipt": _TEXT,
                "reason": _TEXT,
            },
        },
    },
}
_RECEIPT_EXAMPLE = {
    "id": "5f0c2a52-6f0c-5d39-9a0e-5c3f6f8f2a11",
    "message_id": "sis-000123",
    "source": "/sis",
    "type": _HELD,
    "status": "ACCEPTED",
    "event_key": "0d4b8f1e-6c1b-5a55-8a36-2f7d2f1f6a90",
    "href": "/api/receipts/5f0c2a52-6f0c-5d39-9a0e-5c3f6f8f2a11",
}
TAKEN: Schema = {
    "description": "Taken for good: a receipt for each message, in the order sent; none for an empty batch.",
    "content": {
        "application/json": {
            "schema": {
                "type": "object",
                "required": ["receipts"],
                "properties": {"receipts": {"type": "array", "items": RECEIPT}},
            },
            "example": {"receipts": [_RECEIPT_EXAMPLE]},
        }
    },
}
POST_EVENTS: Schema = {
    "parameters": [
        {
            "name": f"ce-{name}",
            "in": "header",
            "required": False,
            "schema": _TEXT,
            "example": example,
            "description": "Binary mode only: the attribute, percent-encoded once.",
        }
        for name, example in _ATTRIBUTES.items()
    ],
    "requestBody": {
        "required": True,
        "content": {
            STRUCTURED: {"schema": _MESSAGE, "example": _MESSAGE_EXAMPLE},
            BATCH: {
                "schema": {"type": "array", "maxItems": MAX_BATCH_MESSAGES, "items": _MESSAGE},
                "example": [_MESSAGE_EXAMPLE],
            },
            "application/json": {"schema": _DATA, "example": _DATA_EXAMPLE},
        },
    },
}
DESCRIPTION = f"""CloudEvents 1.0 by HTTP: structured (`{STRUCTURED}`), a batch (`{BATCH}`), or binary
(`application/json` with `ce-` headers). One event has at most {MAX_EVENT_BYTES:,} bytes, a batch {MAX_BATCH_BYTES:,}
and {MAX_BATCH_MESSAGES} events, the attributes of an event {MAX_ATTRIBUTES_BYTES:,}. A batch is taken whole or not at
all. A 202 is durable. The same `source` and `id` again: `DUPLICATE` with the first receipt when the content is the
same, `QUARANTINED` when it is other content. A refusal names every fault by JSON pointer into the structured form.

{rules_table("en")}
"""
