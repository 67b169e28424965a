"""Dead letters in an operator's hands: read again by this service alone, or set aside with a reason."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import pytest
from fastapi import FastAPI

from services.chassis.app import Service, create_app
from services.chassis.consume import consume, each
from services.chassis.decision import Actor, Refused
from services.chassis.operating import letters
from services.chassis.settings import Settings
from services.chassis.unit import Unit
from services.chassis.web import identity, new_command_id
from tests.chassis.ledger import DEFINITION, SetClock, message, note, record
from tests.chassis.web_room import ORIGIN, browser

pytestmark = pytest.mark.live
OPERATOR = Actor("a-9", "Vận hành", frozenset({"operator"}))


@pytest.fixture
async def app(settings: Settings, service: Service) -> AsyncIterator[FastAPI]:
    """The tiny service with its handlers, on the database of `service`."""
    made = create_app(DEFINITION, settings, SetClock())
    made.state.service.started = True
    yield made
    await made.state.service.sessions.drop()
    made.state.service.store.client.close()


@pytest.fixture
def running(app: FastAPI) -> Service:
    """The parts of the service with its handlers."""
    return app.state.service  # type: ignore[no-any-return]


async def fail_once(running: Service, reason: str = "fail") -> str:
    """Set a record apart; it fails again for some reasons, and for none while `note` is told to take it."""
    topic = running.topic("plans")

    async def refuse(unit: Unit, messages: Any) -> None:
        raise ValueError("not today")

    made = record(message("p1", reason=reason))
    made.topic = topic  # type: ignore[misc]
    await consume(running, [made], refuse)
    (letter,) = await letters.waiting_letters(running)
    return str(letter["_id"])


async def letter_of(running: Service) -> dict[str, Any]:
    (letter,) = await running.store.find("dead_letters", {})
    return letter


async def test_a_letter_read_again_has_its_effect_once(running: Service) -> None:
    letter_id = await fail_once(running, "Soạn lại")
    assert await letters.replay(running, letter_id, OPERATOR, command_id=new_command_id())
    letter = await letter_of(running)
    assert (letter["status"], letter["closed_by"]) == ("REPLAYED", "a-9")
    assert (await running.store.get("ledgers", "p1") or {})["revisions"] == [1]
    with pytest.raises(Refused, match="letter-unknown"):
        await letters.replay(running, letter_id, OPERATOR, command_id=new_command_id())


async def test_a_letter_that_fails_again_stays_open_with_its_new_reason(running: Service) -> None:
    letter_id = await fail_once(running, "refuse")
    assert not await letters.replay(running, letter_id, OPERATOR, command_id=new_command_id())
    letter = await letter_of(running)
    assert (letter["status"], letter["reason"], letter["detail"]) == ("OPEN", "refused", "plan-unknown")
    assert await running.store.raw("outbox").count_documents({}) == 1, "other readers of dead letters hear of it once"


async def test_a_replay_that_was_cut_short_can_be_made_again(running: Service) -> None:
    letter_id = await fail_once(running, "Soạn lại")
    await running.store.raw("dead_letters").update_one({}, {"$set": {"status": "REPLAYING"}})
    assert len(await letters.waiting_letters(running)) == 1
    assert await letters.replay(running, letter_id, OPERATOR, command_id=new_command_id())


async def test_a_message_that_was_applied_meanwhile_is_not_applied_again(running: Service) -> None:
    letter_id = await fail_once(running, "Soạn lại")
    await consume(running, [record(message("p1"), 7)], each(note))
    assert await letters.replay(running, letter_id, OPERATOR, command_id=new_command_id())
    assert (await running.store.get("ledgers", "p1") or {})["revisions"] == [1]


async def test_what_is_set_aside_keeps_its_bytes_and_says_why(running: Service) -> None:
    letter_id = await fail_once(running)
    with pytest.raises(Refused, match="reason-missing"):
        await letters.discard(running, letter_id, OPERATOR, command_id=new_command_id(), reason=" ")
    await letters.discard(running, letter_id, OPERATOR, command_id=new_command_id(), reason="Bản thử")
    letter = await letter_of(running)
    assert (letter["status"], letter["closing_reason"], bool(letter["value"])) == ("DISCARDED", "Bản thử", True)
    assert await letters.waiting_letters(running) == []


async def test_a_letter_of_a_topic_that_nobody_reads_is_refused(running: Service) -> None:
    letter_id = await fail_once(running)
    await running.store.raw("dead_letters").update_one({}, {"$set": {"topic": "gone"}})
    with pytest.raises(Refused, match="topic-not-read"):
        await letters.replay(running, letter_id, OPERATOR, command_id=new_command_id())


async def page(app: FastAPI, actor: Actor, form: dict[str, str] | None = None, path: str = "/operations") -> Any:
    token = await identity.open_session(app.state.service, actor, datetime.now(UTC))
    headers = {"cookie": f"publicity_session={token}", "origin": ORIGIN}
    async with browser(app, **headers) as client:
        return await (client.get(path) if form is None else client.post(path, data=form))


async def test_the_page_shows_letters_and_its_buttons_close_them(app: FastAPI, running: Service) -> None:
    letter_id = await fail_once(running, "Soạn lại")
    running.halted["plans"] = "SchemaTooNew"
    shown = (await page(app, OPERATOR)).text
    assert f"/operations/dead-letters/{letter_id}" in shown
    assert "SchemaTooNew" in shown
    assert "dead-letters" not in (await page(app, Actor("a-8", "Soi", frozenset({"auditor"})))).text
    place = f"/operations/dead-letters/{letter_id}"
    refused = await page(app, OPERATOR, {"act": "discard", "reason": ""}, place)
    assert refused.status_code == 422
    assert (await page(app, OPERATOR, {"act": "replay"}, place)).status_code == 303
    assert (await letter_of(running))["status"] == "REPLAYED"


async def test_only_operators_close_letters(app: FastAPI, running: Service) -> None:
    letter_id = await fail_once(running)
    place = f"/operations/dead-letters/{letter_id}"
    for roles in ({"office_head"}, {"auditor"}, {"editor"}, {"contributor"}):
        answer = await page(app, Actor("a-1", "x", frozenset(roles)), {"act": "replay"}, place)
        assert answer.status_code == 403
    assert (await letter_of(running))["status"] == "OPEN"


async def test_the_relay_is_held_and_released_from_the_page(app: FastAPI, running: Service) -> None:
    assert (await page(app, OPERATOR, {"paused": "true"}, "/operations/relay")).status_code == 303
    lease = await running.store.raw("leases").find_one({})
    assert lease is not None
    assert lease["paused"] is True
