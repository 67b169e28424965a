"""Who calls the intake and the read API: a source system by its bearer token, or a signed-in person.

It must never read or judge the body: whoever is not let in is told so before.
"""

from typing import TYPE_CHECKING, Annotated

from fastapi import Depends, Header, Request, Security
from fastapi.security import APIKeyCookie, HTTPBearer

from services.chassis.decision import Actor, Refusal
from services.chassis.web import Problem
from services.chassis.web.i18n import N_
from services.chassis.web.identity import actor_of
from services.monitoring.sources import SourceSystem, find_source

if TYPE_CHECKING:
    from services.chassis.app import Service

CHALLENGE = 'Bearer realm="publicity"'
_TOKEN = "bearer token of a source system, scope `read` or `events:write`"
_COOKIE = "session cookie of a signed-in person; its name is `__Host-publicity_session` under TLS"

NO_TOKEN = Refusal(
    "token-missing",
    N_("Yêu cầu không kèm khóa truy cập."),
    fix=N_("Gửi tiêu đề Authorization: Bearer <khóa>; khóa do người vận hành cấp."),
)
UNKNOWN_TOKEN = Refusal(
    "token-invalid", N_("Khóa truy cập không có hoặc đã bị thu hồi."), fix=N_("Xin người vận hành cấp khóa mới.")
)
NO_SCOPE = Refusal(
    "scope-missing",
    N_("Khóa truy cập không có phạm vi %(scope)s."),
    fix=N_("Xin người vận hành cấp khóa có phạm vi này."),
)


def token_of(request: Request) -> str | None:
    """The bearer token that the request carries, whoever it belongs to."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else None


async def source_of(request: Request, *scopes: str) -> SourceSystem | None:
    """The source system whose token the request carries; None when it carries no bearer token.

    Raises:  Problem 401 for an unknown or revoked token, 403 for one with none of the scopes.
    """
    token = token_of(request)
    if token is None:
        return None
    service: Service = request.app.state.service
    found = await find_source(service.store, token, service.clock.now())
    if found is None:
        raise Problem(401, UNKNOWN_TOKEN, headers={"WWW-Authenticate": f'{CHALLENGE}, error="invalid_token"'})
    if found.scopes.isdisjoint(scopes):
        lacking = f'{CHALLENGE}, error="insufficient_scope", scope="{" ".join(scopes)}"'
        refusal = Refusal(NO_SCOPE.rule, NO_SCOPE.detail, "", NO_SCOPE.fix, {"scope": scopes[0]})
        raise Problem(403, refusal, headers={"WWW-Authenticate": lacking})
    return found


def nobody() -> Problem:
    """The problem of a request that says in no known way who it is."""
    return Problem(401, NO_TOKEN, headers={"WWW-Authenticate": CHALLENGE})


# These only describe the ways in for the OpenAPI document: what they find is judged above.
SIGNED_IN = Security(
    APIKeyCookie(name="publicity_session", scheme_name="session", description=_COOKIE, auto_error=False)
)
BY_TOKEN = Security(HTTPBearer(scheme_name="bearer", description=_TOKEN, auto_error=False))
_Bearer = Annotated[object, BY_TOKEN]
_Cookie = Annotated[object, SIGNED_IN]


async def writer(request: Request, _: _Bearer) -> SourceSystem:
    """The door's dependency on a token that may post events; raises Problem 401 or 403."""
    found = await source_of(request, "events:write")
    if found is None:
        raise nobody()
    return found


async def reader(request: Request, _: _Bearer, __: _Cookie) -> Actor | SourceSystem:
    """The door's dependency on a signed-in person or a token of scope `read`; raises Problem 401 or 403."""
    found = await source_of(request, "read") or await actor_of(request)
    if found is None:
        raise nobody()
    return found


# Of every call that changes something; what it may look like is judged where commands are read.
CommandKey = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        description="A repeat of the call with the same key answers as the first did.",
        json_schema_extra={"pattern": "^[!-~]{0,128}$"},
    ),
]
Reader = Annotated[Actor | SourceSystem, Depends(reader)]
