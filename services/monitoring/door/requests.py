"""What a source system's request is read with: its quota before its body, its body no further than it may be long.

It must never read the body of a source that has spent its minute, nor keep or announce anything.
"""

import uuid
from collections.abc import Sequence
from math import ceil
from typing import TYPE_CHECKING, Annotated

from fastapi import Request
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from services.chassis.decision import Refusal
from services.chassis.web import Problem, language
from services.chassis.web.i18n import N_
from services.monitoring import bearer
from services.monitoring.door import receipts
from services.monitoring.door.receipts import Reception
from services.monitoring.door.tallies import REFUSED, SPENT, Tallies
from services.monitoring.intake.acceptance import Permission, admit
from services.monitoring.intake.bindings import max_body_bytes, parse_http
from services.monitoring.intake.candidates import Candidate, Parsed
from services.monitoring.intake.faults import Fault
from services.monitoring.settings import Settings
from services.monitoring.sources import Quota, SourceSystem, hash_token

if TYPE_CHECKING:
    from services.chassis.app import Service

OVER_QUOTA = Refusal(
    "quota-exceeded",
    N_("Nguồn này đã gửi hết số sự kiện cho mỗi phút (%(per_minute)s)."),
    fix=N_("Gửi lại sau %(wait_s)s giây."),
)
_LONGEST_NUMBER = 18


class Requests:
    """Reads the requests of source systems, and counts what becomes of them."""

    def __init__(self, service: "Service", tallies: Tallies) -> None:
        assert isinstance(service.settings, Settings)
        self.tallies = tallies
        self._service, self._per_minute = service, service.settings.quota_per_minute
        self._quota = Quota(self._per_minute)
        self._spent: dict[str, SourceSystem] = {}  # by the hash of its token

    async def writer(self, request: Request, _: Annotated[object, bearer.BY_TOKEN]) -> SourceSystem:
        """The door's dependency on a token that may post events; raises Problem 401, 403 or 429.

        While a source has spent its minute its tokens are turned away without being looked up, revoked ones too: what
        is refused must cost the others little.
        """
        known = self._spent.get(hash_token(bearer.token_of(request) or ""))
        if known is not None:
            await self._let_in(known)
        return await bearer.writer(request, _)

    async def read(self, request: Request, source: SourceSystem) -> tuple[Reception, Sequence[Candidate]]:
        """Return what a request holds; raises Problem 429 before its body is read, else that of its faults."""
        await self._let_in(source)
        body, headers, now = await _read(request), request.headers.raw, self._service.clock.now()
        permission = Permission(source.source)
        parsed = admit(parse_http(headers, body, now), permission)
        if parsed.faults:
            await self.tallies.note(source.source, [REFUSED])
            raise _problem(request, parsed)
        named = [(name.decode("latin-1"), value) for name, value in headers]
        via = {"token_id": source.token_id}
        return Reception(str(uuid.uuid4()), now, permission, body, named, via=via), parsed.candidates

    async def spend(self, source: SourceSystem, count: int) -> None:
        """Take the events from the source's minute; raises Problem 429 when it has not so many left."""
        await self._wait(source, self._quota.take(source.source, count, limit=source.quota_per_minute))

    async def _let_in(self, source: SourceSystem) -> None:
        """Raises Problem 429 while nothing of the source's minute is left."""
        wait_s = self._quota.wait_s(source.source, source.quota_per_minute)
        if wait_s:
            self._spent[source.token_id] = source
        else:
            self._spent.pop(source.token_id, None)
        await self._wait(source, wait_s)

    async def _wait(self, source: SourceSystem, wait_s: float) -> None:
        if not wait_s:
            return
        await self.tallies.note(source.source, [SPENT])
        params = {"per_minute": source.quota_per_minute or self._per_minute, "wait_s": ceil(wait_s)}
        refusal = Refusal(OVER_QUOTA.rule, OVER_QUOTA.detail, "", OVER_QUOTA.fix, params)
        raise Problem(429, refusal, headers={"Retry-After": str(ceil(wait_s))})


async def _read(request: Request) -> bytes:
    """The body, read no further than it may be long; raises Problem 413."""
    limit = max_body_bytes(request.headers.raw)
    too_large = _problem(request, Parsed(faults=(Fault("", "body-too-large", {"limit": limit}),)))
    stated = request.headers.get("content-length", "")
    if stated.isdecimal() and (len(stated) > _LONGEST_NUMBER or int(stated) > limit):
        raise too_large
    body = bytearray()
    try:
        async for chunk in request.stream():
            body += chunk
            if len(body) > limit:
                raise too_large
    except HTTPException:
        raise too_large from None
    except ClientDisconnect:
        raise Problem(400) from None
    return bytes(body)


def _problem(request: Request, parsed: Parsed) -> Problem:
    spoken = language(request)
    faults = receipts.described(map(receipts.fault_doc, parsed.faults), spoken)
    refusals = (Refusal(one["rule"], one["detail"], one["pointer"], one["fix"]) for one in faults)
    return Problem(parsed.status, *refusals, headers={"Connection": "close"} if parsed.status == 413 else None)
