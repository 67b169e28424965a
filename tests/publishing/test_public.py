"""What everybody sees: the news site and the board show what channels show, and nothing else."""

import io
import re

import httpx2
import pytest
from PIL import Image

from contracts.events import EventHeld, EventScheduled
from tests.clock import StoppedClock
from tests.publishing.builders import DAY, EDITOR, EVENT, NOW, OTHER_EVENT, cancelled, reported
from tests.publishing.house import TEXTS, House
from tests.publishing.test_media import encoded, exif

pytestmark = pytest.mark.live
AHEAD = {"started_at": NOW + DAY, "ended_at": NOW + 2 * DAY}


async def with_photo(house: House, *, origin: str = "PHOTO") -> str:
    """The id of shown content whose photo carried position and person."""
    editor = await house.person(EDITOR)
    content_id = await house.sent(EDITOR)
    raw = encoded("JPEG", exif=exif(), comment=b"SECRET-COMMENT")
    about = {"alt_text": "Hội trường", "origin": origin}
    answer = await editor.put(f"/api/photos/{content_id}", data=about, files={"file": ("a.jpg", raw)})
    assert answer.status_code == 200, answer.text
    await editor.post(f"/api/contents/{content_id}/publications", json={"channel": "VI_WEB"})
    return content_id


def photo_in(page: httpx2.Response) -> str:
    """The address of the first photo of a page."""
    found = re.search(r'<img[^>]* src="([^"]+)"', page.text)
    assert found, page.text
    return found[1]


async def test_the_news_site_shows_what_was_published_and_forgets_what_was_withdrawn(house: House) -> None:
    waiting, content_id = await house.sent(title="Chưa đăng"), await house.shown(title="Đã đăng")
    nobody = house.browser()
    listed = (await nobody.get("/news")).text
    assert "Đã đăng" in listed
    assert "Chưa đăng" not in listed
    item = await nobody.get(f"/news/{content_id}")
    assert item.status_code == 200
    assert "Ban tổ chức trao giải." in item.text
    assert (await nobody.get(f"/news/{waiting}")).status_code == 404
    editor = await house.person(EDITOR)
    await editor.post(f"/api/contents/{content_id}/withdrawals", json={"channel": "VI_WEB", "reason": "OTHER"})
    assert (await nobody.get(f"/news/{content_id}")).status_code == 404
    assert "Đã đăng" not in (await nobody.get("/news")).text


async def test_public_pages_name_nobody(house: House) -> None:
    content_id = await with_photo(house)
    nobody = house.browser()
    for path in ("/news", f"/news/{content_id}", "/board"):
        text = (await nobody.get(path)).text
        assert not re.search(r"acc-|Cộng tác viên|Biên tập viên", text), path
        assert "Đăng nhập" not in text


@pytest.mark.parametrize("lang", ["vi", "en"])
async def test_public_pages_speak_both_languages_and_the_news_stays_vietnamese(house: House, lang: str) -> None:
    content_id = await with_photo(house, origin="AI_MADE")
    nobody = house.browser()
    for path in ("/news", f"/news/{content_id}", "/board", "/board?n=99"):
        answer = await nobody.get(path, params={"lang": lang})
        assert answer.status_code == 200
        assert f'<html lang="{lang}"' in answer.text
        assert re.search(rf'lang="vi"[^>]*>\s*(<img|<div|<h|{TEXTS["title"]})', answer.text), path
        assert {"vi": "Ảnh do AI tạo", "en": "Made by AI"}[lang] in answer.text, path
    assert (await nobody.get("/board?n=0")).status_code == 422


async def test_a_photo_is_bare_cached_for_minutes_and_gone_when_it_is_withdrawn(house: House) -> None:
    content_id = await with_photo(house)
    nobody = house.browser()
    addresses = [photo_in(await nobody.get(path)) for path in ("/news", f"/news/{content_id}", "/board")]
    for address in (*addresses, addresses[1] + "?small=true"):
        answer = await nobody.get(address)
        assert answer.status_code == 200
        assert answer.headers["content-type"] == "image/jpeg"
        assert answer.headers["cache-control"] == "public, max-age=300, must-revalidate"
        assert b"SECRET" not in answer.content
        assert not Image.open(io.BytesIO(answer.content)).getexif()
        again = await nobody.get(address, headers={"If-None-Match": answer.headers["etag"]})
        assert (again.status_code, again.content) == (304, b"")
    assert (await nobody.get(addresses[1].rpartition("/")[0] + "/" + "0" * 64)).status_code == 404
    assert (await nobody.get(f"/contents/{content_id}/photo")).status_code == 303, "the desk's photo needs a sign-in"
    editor = await house.person(EDITOR)
    given = {"channel": "VI_WEB", "reason": "CONSENT"}
    await editor.post(f"/api/contents/{content_id}/withdrawals", json=given)
    for address in addresses:
        gone = await nobody.get(address, headers={"If-None-Match": '"x"'})
        assert gone.status_code == 404
        assert gone.headers["cache-control"] == "no-store"


async def test_the_photo_of_material_that_waits_is_nobodys(house: House) -> None:
    editor, content_id = await house.person(EDITOR), await house.sent(EDITOR)
    about, file = {"alt_text": "Hội trường", "origin": "PHOTO"}, {"file": ("a.jpg", encoded("JPEG"))}
    await editor.put(f"/api/photos/{content_id}", data=about, files=file)
    digest = (await editor.get(f"/api/contents/{content_id}")).json()["photo"]["sha256"]
    for door in ("news", "board"):
        assert (await house.browser().get(f"/{door}/{content_id}/photo/{digest}")).status_code == 404


async def test_the_board_repeats_board_and_news_and_nothing_old_or_waiting(house: House, clock: StoppedClock) -> None:
    await house.sent(title="Chưa đăng")
    await house.shown(title="Tin trên trang")
    board = await house.sent(title="Tin trên bảng")
    editor = await house.person(EDITOR)
    recorded = {"channel": "E_BOARD", "recorded": True, "published_at": "2026-11-24T02:00:00Z"}
    assert (await editor.post(f"/api/contents/{board}/publications", json=recorded)).status_code == 201
    nobody = house.browser()
    first, second = [(await nobody.get(f"/board?n={n}")).text for n in (1, 2)]
    assert "<h1>Tin trên trang</h1>" in first, "the newest first"
    assert "<h1>Tin trên bảng</h1>" in second
    assert "Chưa đăng" not in first + second
    assert 'http-equiv="refresh" content="15;url=/board?n=2"' in first
    assert "url=/board?n=1" in second
    still = (await nobody.get("/board?n=1&still=true")).text
    assert "http-equiv" not in still
    assert 'href="/board?n=1&amp;still=true"' in first
    clock.at = NOW + 31 * DAY
    assert "Chưa có tin" in (await nobody.get("/board")).text


async def test_the_board_announces_events_of_known_senders_alone(house: House) -> None:
    stranger = {"source": "/lạ", "id": "x", "authenticated": False}
    await house.hear(reported(EventScheduled, id="e-1", title="Tư vấn học bổng", place="Sảnh A", **AHEAD))
    nobody = house.browser()
    text = (await nobody.get("/board")).text
    assert "Tư vấn học bổng" in text
    assert "Sảnh A" in text
    assert "Thứ Tư" in text
    await house.hear(cancelled(id="e-2", at=NOW))
    assert "Tư vấn học bổng" not in (await nobody.get("/board")).text
    unknown = reported(EventHeld, id="e-3", title="Tin lạ", origin=stranger, event=OTHER_EVENT, **AHEAD)
    await house.hear(unknown)
    assert "Tin lạ" not in (await nobody.get("/board")).text


async def test_news_is_paged(house: House) -> None:
    for n in range(14):
        await house.shown(title=f"Tin số {n}", event=EVENT)
    nobody = house.browser()
    first = (await nobody.get("/news")).text
    address = re.search(r'href="(/news\?after=[^"]+)"', first)
    assert address
    second = (await nobody.get(address[1])).text
    titles = re.findall(r"Tin số \d+", first) + re.findall(r"Tin số \d+", second)
    assert sorted(titles) == sorted(f"Tin số {n}" for n in range(14))
