"""What changed between two revisions of a plan, as lines that a page shows; pure, and never a judgement of it.

Source: R06, A22 (the difference is shown to who decides)
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from contracts.codes import NAMES
from contracts.planning import ChannelPlan, ContributorGroup, PlanContent, PlanItem, Requirement
from services.approval.authority import dong
from services.chassis.web.formats import Formats
from services.chassis.web.i18n import N_


@dataclass(frozen=True, slots=True)
class Change:
    """What became of one statement of a plan; an empty `before` was added, an empty `after` was removed.

    Shape:   part and field are msgids; name and texts are the plan's own words.
    """

    part: str
    name: str
    field: str
    after: str
    before: str = ""


def changes(before: PlanContent | None, after: PlanContent, lang: str = "vi") -> list[Change]:
    """The statements that differ, in the order of the newer plan, then those that are gone; without `before` all."""
    old, new = _numbered(before, lang) if before else {}, _numbered(after, lang)
    moved = [
        replace(line, before=old[key].after if key in old else "")
        for key, line in new.items()
        if key not in old or old[key].after != line.after
    ]
    gone = [replace(line, before=line.after, after="") for key, line in old.items() if key not in new]
    return moved + gone


Keyed = tuple[tuple[str, ...], Change]


def _numbered(content: PlanContent, lang: str) -> dict[tuple[str, ...], Change]:
    """The statements by key; one that a plan makes twice keeps both, so that nothing hides behind a repeated id."""
    found: dict[tuple[str, ...], Change] = {}
    for key, line in _statements(content, lang):
        number = 1
        while (*key, str(number)) in found:
            number += 1
        found[*key, str(number)] = line
    return found


def _statements(content: PlanContent, lang: str) -> Iterator[Keyed]:
    yield ("plan", "title"), Change(N_("Bản kế hoạch"), "", N_("Tên"), content.title)
    for basis in content.bases:
        text = f"{basis.reference}: {basis.text}" if basis.text else basis.reference
        line = Change(N_("Căn cứ"), _name(basis.kind, lang), N_("Viện dẫn"), text)
        yield ("basis", basis.kind.value, basis.reference), line
    for plan in content.channel_plans:
        yield from _of_channel(plan, lang)
    for group in content.contributor_groups:
        yield _of_group(group, lang)


def _of_channel(plan: ChannelPlan, lang: str) -> Iterator[Keyed]:
    channel = _name(plan.channel, lang)
    key = ("channel", plan.channel.value)
    yield (*key, "audience"), Change(N_("Kênh"), channel, N_("Phạm vi"), _name(plan.audience, lang))
    if plan.aims:
        yield (*key, "aims"), Change(N_("Kênh"), channel, N_("Mục tiêu"), plan.aims)
    for item in plan.items:
        for field, text in _fields(item, lang):
            yield ("item", item.item_id, field), Change(N_("Mục"), item.title, field, text)
        yield ("item", item.item_id, "channel"), Change(N_("Mục"), item.title, N_("Kênh"), channel)


def _fields(item: PlanItem, lang: str) -> Iterator[tuple[str, str]]:
    yield N_("Tên"), item.title
    yield N_("Loại"), _name(item.kind, lang)
    yield N_("Mức"), _name(item.tier, lang)
    yield N_("Mảng chủ đề"), item.topic_area
    optional = {
        N_("Lịch lặp"): item.recurrence,
        N_("Mốc"): item.milestone and f"{_at(item.milestone.starts_at, lang)} - {_at(item.milestone.ends_at, lang)}",
        N_("Yêu cầu"): "; ".join(_requirement(requirement, lang) for requirement in item.requirements),
        N_("Đơn vị phụ trách"): item.lead_unit,
        N_("Kinh phí"): None if item.cost_minor is None else dong(item.cost_minor),
        N_("Đối tác"): item.partner,
        N_("Ghi chú"): item.note,
    }
    yield from ((field, text) for field, text in optional.items() if text)


def _requirement(requirement: Requirement, lang: str) -> str:
    codes = [*requirement.channels, *requirement.phases]
    name = _name(requirement.code, lang)
    return f"{name} ({', '.join(_name(code, lang) for code in codes)})" if codes else name


def _of_group(group: ContributorGroup, lang: str) -> Keyed:
    channel = _name(group.channel, lang)
    line = Change(N_("Nhóm cộng tác viên"), channel, N_("Thành viên"), ", ".join(group.members) or "0")
    return ("group", group.group_id), line


def _name(code: str, lang: str) -> str:
    return NAMES[str(code)]["en" if lang == "en" else "vi"]


def _at(at: datetime, lang: str) -> str:
    return Formats(lang, lambda: at).instant(at)
