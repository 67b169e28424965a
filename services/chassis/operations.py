"""Health, metrics and the page of operations: how far behind, what failed, what waits."""

import asyncio
import contextlib
import time
from typing import TYPE_CHECKING, Any

from aiokafka.errors import KafkaError
from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import JSONResponse, PlainTextResponse
from pymongo.errors import PyMongoError

from services.chassis.operating import doors, letters
from services.chassis.relay import outbox
from services.chassis.web import page
from services.chassis.web.identity import require

if TYPE_CHECKING:
    from services.chassis.app import Service

PROBE_TIMEOUT_S = 2.0
STORE_TIMEOUT_S = 4.0
STALLED_S = 30.0
OPERATORS = ("operator", "administrator", "office_head", "auditor")


async def kafka_state(service: "Service") -> dict[str, Any]:
    """How far this service is behind in Kafka, asked now; lag is None when Kafka does not answer.

    Shape:   halted names the topics that are read no further, and the kind of error that stops them; stalled says
             that records wait while nothing was processed for STALLED_S.
    """
    asked, lag = time.monotonic(), None
    with contextlib.suppress(KafkaError, OSError):
        async with asyncio.timeout(PROBE_TIMEOUT_S):
            lag = await service.positions.lag(service.topics) if service.kafka_started.is_set() else None
    now = time.monotonic()
    for topic, records in (lag or {}).items():
        service.metrics.lag.labels(topic).set(records)
    return {
        "connected": lag is not None,
        "lag": lag,
        "probe_age_s": None if lag is None else round(now - asked, 3),
        "stalled": any((lag or {}).values()) and now - service.progressed_at > STALLED_S,
        "halted": dict(service.halted),
    }


async def state(service: "Service") -> dict[str, Any]:
    """The numbers of readiness and of the operations page; raises PyMongoError or TimeoutError without MongoDB."""
    async with asyncio.timeout(STORE_TIMEOUT_S):
        waiting = await outbox.state(service)
        unclosed = {"status": {"$in": letters.WAITING}}
        dead = await service.store.raw("dead_letters").count_documents(unclosed, limit=10_000)
        backlog = await service.definition.backlog(service) if service.definition.backlog else {}
    kafka = await kafka_state(service)
    service.metrics.outbox.set(waiting["rows"])
    return {
        "service": service.name,
        "ready": service.started,
        "now": service.clock.now().isoformat(),
        "kafka": kafka,
        "outbox": waiting,
        "dead_letters": dead,
        "backlog": backlog,
    }


def create_router(service: "Service") -> APIRouter:
    """The doors every service has: /health/live, /health/ready, /metrics, /operations."""
    router = APIRouter()
    router.include_router(doors.create_router(service))

    @router.get("/health/live", include_in_schema=True)
    async def live() -> JSONResponse:
        body = {"service": service.name, "status": "broken" if service.broken else "live"}
        return JSONResponse(body, 503 if service.broken else 200)

    @router.get("/health/ready", responses={503: {"description": "Not yet, or without its database."}})
    async def ready() -> JSONResponse:
        if service.broken or not service.started:
            reason = f"broken by {service.broken}" if service.broken else "starting"
            return JSONResponse({"service": service.name, "ready": False, "reason": reason}, 503)
        try:
            return JSONResponse(await state(service))
        except (PyMongoError, TimeoutError) as error:
            body = {"service": service.name, "ready": False, "reason": "MongoDB does not answer"}
            return JSONResponse(body | {"kind": type(error).__name__}, 503)

    @router.get("/metrics", response_class=PlainTextResponse)
    async def metrics() -> Response:
        return Response(service.metrics.exposition(), media_type="text/plain; version=0.0.4; charset=utf-8")

    @router.get("/operations", include_in_schema=False, dependencies=[Depends(require(*OPERATORS))])
    async def operations(request: Request) -> Response:
        found = await letters.waiting_letters(service)
        beats = {name: beat.drained_at for name, beat in service.heartbeats.last.items()}
        return await page(request, "operations.html", state=await state(service), letters=found, beats=beats)

    return router
