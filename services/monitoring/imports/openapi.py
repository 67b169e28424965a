"""What the OpenAPI document says of imports.

Pure. Never a second place for a rule: the list of rules is read from where it holds.
"""

from typing import Any

from services.monitoring.imports.files.faults import RULES
from services.monitoring.imports.outcomes import Outcome

Schema = dict[str, Any]
CALENDAR = "text/calendar"
WORKBOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_TEXT: Schema = {"type": "string"}
_MAYBE: Schema = {"type": ["string", "null"]}
_ROW: Schema = {
    "type": "object",
    "required": ["place", "outcome", "event_key", "name"],
    "properties": {
        "place": {**_TEXT, "description": "The row, or the event of the calendar."},
        "name": {"enum": ["event-held", "event-scheduled", "event-cancelled"]},
        "outcome": {"enum": [outcome.value for outcome in Outcome]},
        "event_key": _TEXT,
        "receipt": _MAYBE,
        "title": _MAYBE,
        "flags": {"type": "array", "items": _TEXT},
        "changes": {"type": "array", "items": {"type": "array"}},
    },
}
_COUNTS: Schema = {
    "type": "object",
    "required": [outcome.value.lower() for outcome in Outcome],
    "additionalProperties": {"type": "integer"},
}
_ANSWER: Schema = {
    "type": "object",
    "required": ["counts", "rows"],
    "properties": {"counts": _COUNTS, "rows": {"type": "array", "items": _ROW}},
}
_CONTENT: Schema = {"application/json": {"schema": _ANSWER}}
ANSWERS: dict[int | str, Schema] = {
    200: {"description": "What would happen (`check`); nothing has.", "content": _CONTENT},
    201: {"description": "Taken in whole.", "content": _CONTENT},
}
_BINARY: Schema = {"type": "string", "format": "binary"}
_FORM: Schema = {"type": "object", "required": ["file"], "properties": {"file": _BINARY}}
BODY: Schema = {
    "requestBody": {
        "required": True,
        "content": {
            WORKBOOK: {"schema": _BINARY},
            CALENDAR: {"schema": _TEXT},
            "multipart/form-data": {"schema": _FORM},
        },
    },
    "description": "Take a workbook or a calendar in, whole or not at all; the same file again has no second effect. "
    "Errors name the cell or the property. Rules of the file, beside those of the intake: "
    + ", ".join(f"`{code}`" for code in RULES),
}
