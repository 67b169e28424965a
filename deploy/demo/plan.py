"""The demo's plan of the school year, as the drafter types it; pure."""

from typing import Any

from contracts.times import format_time
from deploy.demo import words
from deploy.demo.story import parse_local

ROUTINE = (
    ("routine-tin-web", "VI_WEB", "Tin hoạt động thường xuyên trên website", "DAO_TAO", "FREQ=WEEKLY;BYDAY=MO"),
    ("routine-bang-dien-tu", "E_BOARD", "Cập nhật bảng điện tử hằng tuần", "SINH_VIEN", "FREQ=WEEKLY;BYDAY=TU"),
    ("routine-ban-tin-noi-bo", "INTERNAL_WEB", "Bản tin nội bộ hằng tháng", "DOAN_THE", "FREQ=MONTHLY;BYMONTHDAY=5"),
)
AIMS = {
    "INTERNAL_WEB": "Viên chức, người lao động nắm thông tin điều hành trong tuần.",
    "E_BOARD": "Người học thấy sự kiện của trường trong vòng 3 ngày.",
    "VI_WEB": "Mọi hoạt động của trường có tin trong vòng 3 ngày.",
    "PRESS": "Các hoạt động lớn được báo chí đưa tin.",
    "BANNER": "Băng rôn cho các mốc trọng điểm.",
}
AUDIENCE = {
    "INTERNAL_WEB": "INTERNAL",
    "E_BOARD": "INTERNAL",
    "VI_WEB": "EXTERNAL",
    "PRESS": "MASS_MEDIA",
    "BANNER": "INTERNAL",
}


def content(contributors: tuple[str, ...], *, complete: bool) -> dict[str, Any]:
    """The plan's content: the first draft names no group for the press, the second does."""
    channels = ["INTERNAL_WEB", "E_BOARD", "VI_WEB", "PRESS", "BANNER"]
    return {
        "title": "Kế hoạch thông tin tuyên truyền năm học 2025–2026" + ("" if complete else " (dự thảo)"),
        "bases": [
            {"kind": "QUALITY_POLICY", "reference": "CSCL 2025", "text": "Công khai, kịp thời, chính xác."},
            {"kind": "QUALITY_OBJECTIVE", "reference": "MTCL 2025–2026", "text": "95 % nghĩa vụ đúng hạn."},
            {"kind": "OFFICE_WORK_PLAN", "reference": "KH công tác PTT 2025–2026", "text": "Kế hoạch năm của phòng."},
            {"kind": "CHANNEL_PROFILE", "reference": "Hồ sơ kênh 2025", "text": "Tính chất của từng kênh."},
        ],
        "channel_plans": [
            {"channel": c, "audience": AUDIENCE[c], "aims": AIMS[c], "items": _items(c)} for c in channels
        ],
        "contributor_groups": [
            {"group_id": f"group-{c.lower().replace('_', '-')}", "channel": c, "members": list(contributors)}
            for c in channels
        ],
    }


def _items(channel: str) -> list[dict[str, Any]]:
    routine = [_routine(row) for row in ROUTINE if row[1] == channel]
    if channel == "VI_WEB":
        return routine + [_focal(focal) for focal in words.FOCALS]
    if channel == "BANNER":
        return [_banner()]
    return routine


def _routine(row: tuple[str, str, str, str, str]) -> dict[str, Any]:
    item_id, _, title, topic_area, recurrence = row
    return {
        "item_id": item_id,
        "kind": "ROUTINE",
        "title": title,
        "topic_area": topic_area,
        "tier": "ROUTINE",
        "recurrence": recurrence,
        "lead_unit": "PTT",
    }


def _focal(focal: words.Focal) -> dict[str, Any]:
    return {
        "item_id": focal.item_id,
        "kind": "FOCAL",
        "title": focal.title,
        "topic_area": focal.topic_area,
        "tier": "FOCAL",
        "milestone": {
            "starts_at": format_time(parse_local(focal.starts)),
            "ends_at": format_time(parse_local(focal.ends)),
        },
        "lead_unit": focal.unit,
    }


def _banner() -> dict[str, Any]:
    return {
        "item_id": "routine-bang-ron",
        "kind": "ROUTINE",
        "title": "Băng rôn chào mừng các ngày lễ lớn",
        "topic_area": "DOAN_THE",
        "tier": "ROUTINE",
        "recurrence": "FREQ=MONTHLY;BYMONTHDAY=1",
        "lead_unit": "PTT",
        "cost_minor": 12000000,
    }
