"""A plan's parts as their forms hold them, and two versions of one beside each other; pure, and it never decides."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from contracts.codes import Channel, ItemKind, Phase
from contracts.planning import Basis, ChannelPlan, ContributorGroup, PlanContent, PlanItem
from services.chassis.web.i18n import N_
from services.planning.forms import typed_instant

# The fields of each part in the order of its form, with their names.
FIELDS: dict[str, dict[str, str]] = {
    "bases": {"kind": N_("Loại căn cứ"), "reference": N_("Viện dẫn"), "text": N_("Nội dung liên quan")},
    "channels": {"channel": N_("Kênh"), "aims": N_("Mục tiêu")},
    "groups": {"channel": N_("Kênh"), "members": N_("Cộng tác viên")},
    "items": {
        "channel": N_("Kênh"),
        "kind": N_("Loại mục"),
        "title": N_("Tên mục"),
        "topic_area": N_("Mảng chủ đề"),
        "tier": N_("Cấp sự kiện"),
        "recurrence": N_("Lịch lặp"),
        "starts_at": N_("Mốc bắt đầu"),
        "ends_at": N_("Mốc kết thúc"),
        "lead_unit": N_("Đơn vị chủ trì"),
        "requirements": N_("Yêu cầu riêng"),
        "cost_minor": N_("Kinh phí dự kiến, đồng"),
        "partner": N_("Đối tác bên ngoài"),
        "note": N_("Ghi chú"),
    },
}


@dataclass(frozen=True, slots=True)
class Difference:
    """A field of a part in two versions. Shape: name is a msgid; stored and typed are lists of codes or texts."""

    name: str
    field: str
    stored: tuple[str, ...]
    typed: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Going:
    """What goes when a part is removed: its name, and what goes with it."""

    name: str
    items: tuple[PlanItem, ...] = ()
    groups: tuple[ContributorGroup, ...] = ()


def parts_of(content: PlanContent, name: str) -> dict[str, Any]:
    """The parts of a kind by the keys that name them; an item with its channel. Empty for an unknown kind."""
    plans = content.channel_plans
    known: dict[str, dict[str, Any]] = {
        "bases": {str(n): basis for n, basis in enumerate(content.bases)},
        "channels": {plan.channel.value: plan for plan in plans},
        "items": {item.item_id: (plan.channel, item) for plan in plans for item in plan.items},
        "groups": {group.group_id: group for group in content.contributor_groups},
    }
    return known.get(name, {})


def values_of(name: str, part: Any, given: Mapping[str, str]) -> dict[str, Any]:
    """What a part's form is filled with: the part, or for a new one what the address gives."""
    values = dict.fromkeys(FIELDS[name], "")
    if part is None:
        kind = given.get("kind", "")
        start = {"kind": ItemKind.ROUTINE.value, "tier": ItemKind.ROUTINE.value} if name == "items" else {}
        start |= {"kind": kind, "tier": kind} if name == "items" and kind in ItemKind.__members__ else {}
        return values | {"requirements": []} | {k: v for k, v in given.items() if k in values} | start
    return values | _stored(part)


def _stored(part: Any) -> dict[str, Any]:
    if isinstance(part, Basis):
        return {"kind": part.kind.value, "reference": part.reference, "text": part.text}
    if isinstance(part, ChannelPlan):
        return {"channel": part.channel.value, "aims": part.aims}
    if isinstance(part, ContributorGroup):
        return {"channel": part.channel.value, "members": "\n".join(part.members)}
    channel, item = part
    return _of_item(channel, item)


def _of_item(channel: Channel, item: PlanItem) -> dict[str, Any]:
    texts = ("title", "topic_area", "recurrence", "lead_unit", "partner", "note")
    ticks = [f"{one.code}:{phase}" for one in item.requirements for phase in one.phases or (Phase.POST,)]
    return {name: getattr(item, name) or "" for name in texts} | {
        "channel": channel.value,
        "kind": item.kind.value,
        "tier": item.tier.value,
        "starts_at": typed_instant(item.milestone.starts_at if item.milestone else None),
        "ends_at": typed_instant(item.milestone.ends_at if item.milestone else None),
        "requirements": ticks,
        "cost_minor": "" if item.cost_minor is None else str(item.cost_minor),
    }


def differences(name: str, stored: Mapping[str, Any], typed: Mapping[str, Any]) -> tuple[Difference, ...]:
    """The fields that somebody else changed while the form was open, where what was typed says something else.

    Shape:   typed has in `was` what the form was opened with, as JSON; without it all fields that differ are told.
    """
    was = _opened_with(typed.get("was"))
    both = [(field, _plain(field, stored.get(field)), _plain(field, typed.get(field))) for field in FIELDS[name]]
    return tuple(
        Difference(FIELDS[name][field], field, a, b)
        for field, a, b in both
        if a != b and (field not in was or a != _plain(field, was[field]))
    )


def _opened_with(text: Any) -> dict[str, Any]:
    """What a form was opened with; nothing when it does not say so readably."""
    try:
        found = json.loads(text or "{}")
    except (TypeError, ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _plain(field: str, value: Any) -> tuple[str, ...]:
    if isinstance(value, (list, tuple)):
        return tuple(sorted(map(str, value)))
    text = "\n".join(str(value or "").strip().splitlines())
    if field == "cost_minor":
        text = re.sub(r"\D", "", text)
    return (text,) if text else ()


def going(content: PlanContent, name: str, part: Any) -> Going:
    """What goes with a part."""
    if isinstance(part, Basis):
        return Going(part.reference)
    if isinstance(part, ChannelPlan):
        groups = tuple(one for one in content.contributor_groups if one.channel == part.channel)
        return Going(part.channel.value, part.items, groups)
    if isinstance(part, ContributorGroup):
        return Going(part.channel.value)
    return Going(part[1].title)
