"""The composition root: what it refuses to start with, how it says it fares, and messages through the handlers."""

import asyncio
import dataclasses
from typing import Any

import httpx2
import pytest
from fastapi import FastAPI
from faststream.kafka import KafkaRouter, TestKafkaBroker
from faststream.kafka.message import KafkaMessage as KafkaMessageClass
from faststream.middlewares import AckPolicy
from pydantic import SecretStr

from contracts.envelope import encode
from services.chassis.app import Service, create_app
from services.chassis.consume import SUBSCRIPTION
from services.chassis.settings import Settings
from tests.chassis.ledger import DEFINITION, RecordingProducer, SetClock, message

pytestmark = pytest.mark.live
NO_MONGO = SecretStr("mongodb://127.0.0.1:9/?directConnection=true")


def router_with(ack_policy: AckPolicy, **given: Any) -> Any:
    """A service's subscribers, wrong in one setting."""

    def create(service: Service) -> KafkaRouter:
        router = KafkaRouter(ack_policy=ack_policy)

        @router.subscriber(service.topic("plans"), **(SUBSCRIPTION | given))  # type: ignore[untyped-decorator]
        async def on_plans(message: Any) -> None:
            """Never called."""

        return router

    return create


WRONG = {
    "no group": router_with(AckPolicy.NACK_ON_ERROR),
    "acknowledged before it was processed": router_with(AckPolicy.ACK_FIRST, group_id="g"),
    "acknowledged past errors": router_with(AckPolicy.ACK, group_id="g"),
    "skips the history": router_with(AckPolicy.NACK_ON_ERROR, group_id="g", auto_offset_reset="latest"),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_a_subscriber_that_would_lose_messages_is_refused_at_start(wrong: str, settings: Settings) -> None:
    with pytest.raises(RuntimeError, match=r"the subscriber of .*plans"):
        create_app(dataclasses.replace(DEFINITION, handlers=WRONG[wrong]), settings)


def test_a_right_one_is_taken_and_its_topic_known_by_its_plain_name(settings: Settings) -> None:
    assert create_app(DEFINITION, settings).state.service.topics == ("plans",)


async def get(app: FastAPI, path: str) -> tuple[int, Any]:
    transport = httpx2.ASGITransport(app=app)
    async with httpx2.AsyncClient(transport=transport, base_url="http://127.0.0.1:8001") as client:
        response = await client.get(path)
    is_json = response.headers["content-type"].startswith("application/json")
    return response.status_code, response.json() if is_json else response.text


async def test_a_service_that_starts_is_live_and_not_ready(settings: Settings) -> None:
    app = create_app(DEFINITION, settings)
    assert await get(app, "/health/live") == (200, {"service": "planning", "status": "live"})
    assert await get(app, "/health/ready") == (503, {"service": "planning", "ready": False, "reason": "starting"})


async def test_without_kafka_a_service_is_ready_and_says_what_it_does_not_know(
    settings: Settings, service: Service
) -> None:
    app = create_app(DEFINITION, settings, SetClock())
    app.state.service.started = True
    app.state.service.halted["plans"] = "TooManyFailures"
    status, body = await get(app, "/health/ready")
    assert status == 200
    assert body["kafka"] == {
        "connected": False,
        "lag": None,
        "probe_age_s": None,
        "stalled": False,
        "halted": {"plans": "TooManyFailures"},
    }
    assert body["outbox"] == {"rows": 0, "oldest_s": 0.0, "paused": False}
    app.state.service.store.client.close()


async def test_a_kafka_that_went_away_does_not_make_it_unready(settings: Settings, service: Service) -> None:
    app = create_app(DEFINITION, settings.model_copy(update={"kafka_bootstrap": "127.0.0.1:9"}))
    app.state.service.started = True
    app.state.service.kafka_started.set()
    status, body = await get(app, "/health/ready")
    assert (status, body["kafka"]["connected"]) == (200, False)
    app.state.service.store.client.close()


async def test_without_mongodb_a_service_is_not_ready_and_says_so(settings: Settings) -> None:
    app = create_app(DEFINITION, settings.model_copy(update={"mongo_url": NO_MONGO}))
    app.state.service.started = True
    status, body = await get(app, "/health/ready")
    assert (status, body["reason"]) == (503, "MongoDB does not answer")


def unstartable(service: Service) -> KafkaRouter:
    """A subscriber whose handler asks for a class where it must ask for an annotation: FastStream finds out late."""
    router = KafkaRouter(ack_policy=AckPolicy.NACK_ON_ERROR)

    @router.subscriber(service.topic("plans"), group_id="g", **SUBSCRIPTION)  # type: ignore[untyped-decorator]
    async def on_plans(message: KafkaMessageClass) -> None:
        """Never called."""

    return router


async def test_a_bug_at_start_ends_the_life_of_the_service_and_is_not_tried_for_ever(settings: Settings) -> None:
    listening = await asyncio.start_server(lambda reader, writer: writer.close(), "127.0.0.1", 0)
    address = f"127.0.0.1:{listening.sockets[0].getsockname()[1]}"
    definition = dataclasses.replace(DEFINITION, handlers=unstartable)
    app = create_app(definition, settings.model_copy(update={"kafka_bootstrap": address}))
    async with app.router.lifespan_context(app), asyncio.timeout(10):
        while not app.state.service.broken:
            await asyncio.sleep(0.05)
        assert (await get(app, "/health/live"))[0] == 503
        assert (await get(app, "/health/ready"))[1]["reason"].startswith("broken by")
    listening.close()


async def test_metrics_are_served(settings: Settings) -> None:
    status, text = await get(create_app(DEFINITION, settings), "/metrics")
    assert status == 200
    assert "publicity_outbox_rows" in text


async def test_a_message_passes_the_handler_once_though_it_is_delivered_twice(
    settings: Settings, service: Service
) -> None:
    app = create_app(DEFINITION, settings, SetClock())
    running: Service = app.state.service
    async with TestKafkaBroker(running.broker) as broker:
        for _ in range(2):
            await broker.publish(encode(message("p1")), topic=running.topic("plans"), key=b"p1")
    running.producer = producer = RecordingProducer()  # type: ignore[assignment]
    await running.relay.drain()
    assert len(producer.values(running.topic("approvals"), b"p1")) == 1
    doc = await service.store.get("ledgers", "p1")
    assert doc is not None
    assert doc["revisions"] == [1]
    running.store.client.close()
