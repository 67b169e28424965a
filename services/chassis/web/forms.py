"""What a form carries: its fields, the command's id, and the same page again with what was typed after a refusal.

It must never keep a typed password.
"""

import re
import types
import typing
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, TypeVar
from urllib.parse import urlsplit

from fastapi import Request, Response
from pydantic import BaseModel, BeforeValidator, ValidationError
from starlette.types import Message

from contracts.times import Instant
from services.chassis.decision import Refusal, Refused
from services.chassis.web.formats import LOCAL
from services.chassis.web.i18n import N_
from services.chassis.web.problems import Fault, Problem, Trouble, field_refusals

M = TypeVar("M", bound=BaseModel)
FormData = dict[str, Any]
AGAIN = "publicity.again"
_SECRET = re.compile(r"password|current|token|secret", re.IGNORECASE)
_KEY = re.compile(r"[\x21-\x7e]{1,128}")
_DAY_AND_TIME = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})[ ,]+(\d{1,2})[:hg](\d{2})")
_TICKS = {"on": True, "true": True, "1": True, "false": False, "0": False}


def local_instant(value: object) -> object:
    """The UTC instant of a local time typed as dd/MM/yyyy HH:mm; anything else is left to the field's own check."""
    typed = _DAY_AND_TIME.fullmatch(value.strip()) if isinstance(value, str) else None
    if typed is None:
        return value
    day, month, year, hour, minute = map(int, typed.groups())
    is_end_of_day = (hour, minute) == (24, 0)
    try:
        at = datetime(year, month, day, 0 if is_end_of_day else hour, minute, tzinfo=LOCAL)
        return (at + timedelta(days=is_end_of_day)).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise ValueError("is no day and time of the calendar") from error


TypedInstant = Annotated[Instant, BeforeValidator(local_instant)]


class Typed(dict[str, Any]):
    """What was typed before; a field that was not typed is an empty text."""

    def __missing__(self, name: str) -> str:
        return ""


@dataclass(frozen=True, slots=True)
class Again:
    """A page that is shown again after its form was refused."""

    trouble: Trouble
    typed: Typed

    @property
    def errors(self) -> tuple[Fault, ...]:
        """The faults for the summary and the fields."""
        return self.trouble.faults


async def form_data(request: Request) -> FormData:
    """The fields of the form, names that occur several times as lists; files as they came. Read once per request."""
    if not hasattr(request.state, "form"):
        found: FormData = {}
        for name, value in (await request.form()).multi_items():
            if name not in found:
                found[name] = value
            elif isinstance(found[name], list):
                found[name].append(value)
            else:
                found[name] = [found[name], value]
        request.state.form = found
    return request.state.form  # type: ignore[no-any-return]


def command_id(request: Request | Mapping[str, Any]) -> str:
    """The id of the command: header Idempotency-Key, else the form's `command_id` (read before), else a new one.

    Raises:  Problem 400 for a key that is not 1 to 128 visible ASCII characters.
    """
    if isinstance(request, Request):
        form = getattr(request.state, "form", {})
        given = request.headers.get("idempotency-key") or str(form.get("command_id", ""))
    else:
        given = str(request.get("command_id", ""))
    if given and not _KEY.fullmatch(given):
        detail = N_("Khóa Idempotency-Key phải có từ 1 đến 128 ký tự ASCII nhìn thấy được.")
        raise Problem(400, Refusal("idempotency-key-invalid", detail, "", N_("Dùng một UUID mới.")))
    return given or new_command_id()


def new_command_id() -> str:
    """An id for a form that is about to be shown."""
    return str(uuid.uuid4())


def parsed(model: type[M], form: Mapping[str, Any]) -> M:
    """The model of a submitted form; blank optional fields count as left out, ticks as true, one of many as a list.

    Raises:  Refused with a refusal per faulty field.
    """
    values = {name: value for name, value in form.items() if name in model.model_fields}
    for name, value in list(values.items()):
        info = model.model_fields[name]
        kinds = _kinds(info.annotation)
        if value == "" and not info.is_required():
            del values[name]
        elif kinds & {tuple, list, set, frozenset} and not isinstance(value, list):
            values[name] = [value]
        elif bool in kinds and isinstance(value, str):
            values[name] = _TICKS.get(value, value)
    try:
        return model.model_validate(values)
    except ValidationError as error:
        raise Refused(*field_refusals(error.errors(include_url=False))) from None


def _kinds(annotation: Any) -> set[Any]:
    """The plain types within a field's annotation."""
    origin = typing.get_origin(annotation)
    if origin in (types.UnionType, typing.Union):
        return set().union(*(_kinds(part) for part in typing.get_args(annotation)))
    if origin is typing.Annotated:
        return _kinds(typing.get_args(annotation)[0])
    return {origin or annotation}


async def shown_again(request: Request, trouble: Trouble) -> Response | None:
    """The page that the refused form stands on, with the faults and what was typed; None when it cannot be shown.

    The page is asked for as a browser would, by GET on its address (the form's hidden `page`, else the Referer).
    """
    form: FormData = getattr(request.state, "form", {})
    address = _page_of(request, form)
    if not address or AGAIN in request.scope:
        return None
    typed = Typed((k, v) for k, v in form.items() if not _SECRET.search(k) and _is_text(v))
    path, _, query = address.partition("?")
    kept = {name: request.scope[name] for name in ("type", "asgi", "http_version", "scheme", "server", "client")}
    headers = [(k, v) for k, v in request.scope["headers"] if not k.startswith((b"content-", b"accept"))]
    scope = kept | {"method": "GET", "path": path, "raw_path": path.encode(), "query_string": query.encode()}
    scope |= {"headers": [*headers, (b"accept", b"text/html")], "root_path": "", "state": {}}
    return await _got(request, scope | {AGAIN: Again(trouble, typed)}, trouble.status)


async def _got(request: Request, scope: dict[str, Any], status: int) -> Response | None:
    messages: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Message) -> None:
        messages.append(message)

    await request.app(scope, receive, send)
    if not messages or messages[0]["status"] != status:
        return None
    response = Response(b"".join(message.get("body", b"") for message in messages[1:]), status)
    response.raw_headers = list(messages[0]["headers"])
    return response


def _page_of(request: Request, form: FormData) -> str:
    given = form.get("page") or request.headers.get("referer", "")
    try:
        parts = urlsplit(str(given))
    except ValueError:  # no address at all, such as http://[
        return ""
    is_ours = not parts.netloc or parts.netloc == request.headers.get("host")
    if not is_ours or not parts.path.startswith("/") or not parts.path.isascii():
        return ""
    return parts.path + (f"?{parts.query}" if parts.query else "")


def _is_text(value: object) -> bool:
    return isinstance(value, str) or (isinstance(value, Sequence) and all(isinstance(part, str) for part in value))
