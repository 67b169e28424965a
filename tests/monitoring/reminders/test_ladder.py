"""The ladder as data: which steps an announcement asks for and when they are sent. Source: R08"""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from contracts.monitoring import DeadlineApproaching, DeadlineMissed
from services.chassis.settings import SettingsInvalid, load
from services.monitoring.reminders.ladder import Ladder, morning, rows_after
from services.monitoring.reminders.setup import SHIPPED, read_ladder
from services.monitoring.settings import Settings
from tests.monitoring.reminders.post_office import MAILBOXES, written

DUE = datetime(2026, 11, 23, 17, tzinfo=UTC)
DAY = timedelta(days=1)
LADDER = read_ladder(SHIPPED)
OF = {"obligation_id": "o-1", "event": "e-1", "requirement": "WEBSITE", "channels": ["VI_WEB"], "phase": "POST"}


def near(due_at: datetime = DUE) -> DeadlineApproaching:
    return DeadlineApproaching.from_data(OF | {"due_at": due_at})


def missed(due_at: datetime = DUE) -> DeadlineMissed:
    rest = {"detected_at": due_at, "explanation": {"vi": "x", "en": "x"}, "n": 1}
    return DeadlineMissed.from_data(OF | {"due_at": due_at} | rest)


def planned(told: DeadlineApproaching | DeadlineMissed, now: datetime, ladder: Ladder = LADDER) -> dict[str, str]:
    return {row["step"]: row["at"][5:16] for row in rows_after(told, ladder, now, hour=7)}


STEPS = [
    ("a step before comes in the morning of the last day", near(), DUE - DAY, {"near": "11-23T00:00"}),
    ("heard of in the last night, at once: the morning would be too late", near(), DUE - timedelta(hours=3),
     {"near": "11-23T14:00"}),
    ("a pre-event duty due at noon: in the morning of its day", near(DUE - timedelta(hours=12)),
     DUE - timedelta(hours=30), {"near": "11-23T00:00"}),
    ("all steps after it come with the miss", missed(), DUE,
     {"missed": "11-24T00:00", "head": "11-25T00:00", "rectorate": "11-27T00:00"}),
    ("a step that is late waits for the next morning", missed(), DUE + DAY + timedelta(hours=12),
     {"missed": "11-26T00:00", "head": "11-26T00:00", "rectorate": "11-27T00:00"}),
    ("one that is late by more than three days is left out", missed(), DUE + 3 * DAY + timedelta(hours=1),
     {"head": "11-27T00:00", "rectorate": "11-27T00:00"}),
    ("long after all of it nobody is told", missed(), DUE + 30 * DAY, {}),
]  # fmt: skip


@pytest.mark.parametrize(("told", "now", "wanted"), [row[1:] for row in STEPS], ids=[row[0] for row in STEPS])
def test_when_steps_are_sent(told: Any, now: datetime, wanted: dict[str, str]) -> None:
    assert planned(told, now) == wanted


def test_a_step_has_one_id_for_each_obligation_and_due_date() -> None:
    first, again = (list(rows_after(missed(), LADDER, now, hour=7)) for now in (DUE, DUE + DAY))
    other = list(rows_after(missed(DUE + DAY), LADDER, DUE + DAY, hour=7))
    assert [row["_id"] for row in first] == [row["_id"] for row in again]
    assert not {row["_id"] for row in first} & {row["_id"] for row in other}


@pytest.mark.parametrize(("hour", "wanted"), [(7, 24), (0, 24), (23, 23)])
def test_the_morning_is_that_of_the_school(hour: int, wanted: int) -> None:
    at = morning(datetime(2026, 11, 23, 12, tzinfo=UTC), hour)
    local = at + timedelta(hours=7)
    assert (local.day, local.hour) == (wanted, hour)
    assert morning(at, hour) == at


def changed(n: int, /, **given: Any) -> dict[str, Any]:
    """The shipped ladder with one step changed."""
    content = json.loads(SHIPPED.read_bytes())
    content["steps"][n] |= given
    return dict(content)


LADDERS = [
    (changed(0, to="dean"), "steps/0/to: Input should be 'unit', 'office', 'office_head' or 'rectorate'"),
    (changed(1, step="near"), "the step near stands twice"),
    (changed(1, at_h=48), "not in the order of their at_h"),
    (changed(0, at_h=-25), "the step near comes 25 hours before the due date, which is near only 24 hours before"),
    (changed(0, channel="sms"), "steps/0/channel"),
    (changed(0, phone="x"), "steps/0/phone: Extra inputs are not permitted"),
    ("{", "Invalid JSON"),
]


@pytest.mark.parametrize(("content", "said"), LADDERS, ids=[said[:30] for _, said in LADDERS])
def test_a_faulty_ladder_is_refused_at_the_start(
    content: Any, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REMINDERS_FILE", str(written(tmp_path, content, "ladder.json")))
    on(monkeypatch, tmp_path)
    with pytest.raises(SettingsInvalid) as refused:
        load(Settings)
    assert "REMINDERS_FILE: " in str(refused.value)
    assert said in str(refused.value)


def on(monkeypatch: pytest.MonkeyPatch, folder: Path, boxes: Any = MAILBOXES, url: str = "smtp://127.0.0.1") -> None:
    """Switch mail on."""
    monkeypatch.setenv("SMTP_URL", url)
    monkeypatch.setenv("MAIL_FROM", "giam-sat@truong.vn")
    monkeypatch.setenv("REMINDERS_MAILBOXES", str(written(folder, boxes)))


def roles(**changes: Any) -> dict[str, Any]:
    return MAILBOXES | {"roles": {**MAILBOXES["roles"], **changes}}


BOXES = [
    (MAILBOXES | {"units": {"NOWHERE": {"address": "a@b.vn"}}}, "units/NOWHERE: no such unit"),
    (MAILBOXES | {"roles": {"office": {"address": "a@b.vn"}}}, "roles/office_head: the ladder needs this mailbox"),
    (roles(unit={"address": "a@b.vn"}), "roles/unit: give the mailboxes of units by their codes"),
    (roles(office={"address": "Phòng <a@b.vn>"}), "roles/office/address: Value error, is no plain address"),
    (roles(office={"address": "a@b.vn\r\nBcc: x@y.vn"}), "is no plain address"),
]


@pytest.mark.parametrize(("content", "said"), BOXES, ids=[said[:30] for _, said in BOXES])
def test_faulty_mailboxes_are_refused_at_the_start(
    content: Any, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    on(monkeypatch, tmp_path, content)
    with pytest.raises(SettingsInvalid) as refused:
        load(Settings)
    assert "REMINDERS_MAILBOXES: mailboxes.json: " in str(refused.value)
    assert said in str(refused.value)


@pytest.mark.parametrize(
    "url", ["http://h", "smtp://", "smtp://user@h", "smtp://h/x", "smtp://u:geheim@h/x", "smtp://h:0x"]
)
def test_a_faulty_server_is_refused_without_its_password(
    url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    on(monkeypatch, tmp_path, url=url)
    with pytest.raises(SettingsInvalid, match="SMTP_URL: ") as refused:
        load(Settings)
    assert "geheim" not in str(refused.value)


def test_mail_is_off_without_a_server_and_needs_sender_and_mailboxes_with_one() -> None:
    assert Settings().reminders().post is None
    with pytest.raises(ValueError, match="SMTP_URL: mail needs MAIL_FROM and REMINDERS_MAILBOXES"):
        Settings(smtp_url=SecretStr("smtp://h"))


@pytest.mark.parametrize(
    ("url", "wanted"),
    [
        ("smtp://h", (25, False, None)),
        ("smtp://u:p%40@h:2525", (2525, False, True)),
        ("smtp+starttls://h", (587, False, True)),
        ("smtps://u:p%40@h", (465, True, False)),
    ],
)
def test_a_password_travels_under_tls_alone(
    url: str, wanted: tuple[int, bool, bool | None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    on(monkeypatch, tmp_path, url=url)
    post = load(Settings).reminders().post
    assert post is not None
    server = post.server
    assert (server.port, server.tls, server.starttls) == wanted
    assert server.password in ("", "p@")
    assert "p@" not in f"{server} {load(Settings).printable()}"
