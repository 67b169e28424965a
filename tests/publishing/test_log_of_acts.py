"""Every command of publishing is in its log of acts, once; what is refused is not."""

from dataclasses import replace

import pytest

from contracts.codes import Channel, DeliveryOutcome, WithdrawalReason
from services.chassis.app import Service
from services.chassis.decision import Refused
from services.publishing.commands import Desk
from services.publishing.decisions import Correction, Failure
from services.publishing.state import About, Link, Origin
from tests.publishing.builders import CONTRIBUTOR, EDITOR, OTHER_EVENT, SUBMISSION, approved
from tests.publishing.test_commands import NOW_ON_SITE, ON_BOARD, heard
from tests.publishing.test_media import encoded
from tests.told import details, told

pytestmark = pytest.mark.live


async def test_every_command_is_told(service: Service, desk: Desk) -> None:
    a, e, web = CONTRIBUTOR.account_id, EDITOR.account_id, Channel.VI_WEB
    item = (await desk.submit("k1", CONTRIBUTOR, SUBMISSION))["content_id"]
    photo = await desk.keep_photo(About(alt_text="Sân trường", origin=Origin.PHOTO), encoded("JPEG"))
    await desk.revise("k2", CONTRIBUTOR, item, title="Tên mới", text="Tin mới")
    await desk.put_photo("k3", CONTRIBUTOR, item, photo=photo)
    await desk.put_photo("k4", CONTRIBUTOR, item, photo=None)
    for _ in range(2):
        await desk.publish("k5", EDITOR, item, order=NOW_ON_SITE)
    await desk.publish("k6", EDITOR, item, order=ON_BOARD)
    with pytest.raises(Refused):
        await desk.publish("k7", EDITOR, item, order=NOW_ON_SITE)
    await desk.correct("k8", EDITOR, item, given=Correction(web, "Tên đã sửa", ""))
    await desk.relink("k9", EDITOR, item, link=Link(event=OTHER_EVENT))
    await desk.withdraw("k10", EDITOR, item, channel=web, reason=WithdrawalReason.CONSENT)
    other = (await desk.submit("k11", CONTRIBUTOR, replace(SUBMISSION, title="Bài khác")))["content_id"]
    failure = Failure(Channel.E_BOARD, DeliveryOutcome.UNREACHABLE, "Mất điện")
    await desk.report_failure("k12", EDITOR, other, failure=failure)
    assert await told(service.store) == [
        (a, "content-submitted", item, ""),
        (a, "content-revised", item, ""),
        (a, "photo-put", item, ""),
        (a, "photo-removed", item, ""),
        (e, "content-published", item, ""),
        (e, "publication-recorded", item, ""),
        (e, "content-corrected", item, ""),
        (e, "content-relinked", item, ""),
        (e, "content-withdrawn", item, "CONSENT"),
        (a, "content-submitted", other, ""),
        (e, "delivery-failure-reported", other, "Mất điện"),
    ]
    said = await details(service.store)
    assert (said[2], said[4]) == ({"sha256": photo.sha256}, {"channel": "VI_WEB"})
    assert (said[7], said[10]) == ({"event": OTHER_EVENT}, {"channel": "E_BOARD", "outcome": "UNREACHABLE"})


async def test_an_acknowledgement_is_told(service: Service, desk: Desk) -> None:
    message = approved(1)
    await heard(service, message)
    await desk.acknowledge("k1", CONTRIBUTOR, message.subject, revision=1)
    assert await told(service.store) == [(CONTRIBUTOR.account_id, "plan-acknowledged", message.subject, "")]
