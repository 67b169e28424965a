"""What changed between two revisions of a plan, as lines that a page shows; pure, and never a judgement of it.

Source: R06, A22 (the difference is shown to who decides)
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from contracts.codes import NAMES
from contracts.planning import ChannelPlan, ContributorGroup, PlanContent, PlanItem, Requirement
from contracts.reference import Reference
from services.approval.authority import dong
from services.chassis.web.formats import Formats
from services.chassis.web.i18n import N_


@dataclass(frozen=True, slots=True)
class Change:
    """What became of one statement of a plan; an empty `before` was added, an empty `after` was removed.

    Shape:   part and field are msgids; name and texts are the plan's own words; of names the part of the plan that the
             statement is of, number is its place in the newer revision, or in the older one when it is gone.
    """

    part: str
    name: str
    field: str
    after: str
    before: str = ""
    of: str = ""
    number: int = 0


@dataclass(frozen=True, slots=True)
class Names:
    """How codes and instants are written for a reader."""

    lang: str
    reference: Reference

    def of(self, code: str) -> str:
        """The name of a code of the contracts."""
        return NAMES[str(code)]["en" if self.lang == "en" else "vi"]

    def at(self, at: datetime) -> str:
        """The local time of an instant."""
        return Formats(self.lang, lambda: at).instant(at)

    def money(self, amount_minor: int) -> str:
        """4.500.000 đồng; English VND 4,500,000."""
        return f"VND {amount_minor:,}" if self.lang == "en" else dong(amount_minor)


def changes(before: PlanContent | None, after: PlanContent, names: Names) -> list[Change]:
    """The statements that differ, in the order of the newer plan, then those that are gone; without `before` all."""
    old, new = _numbered(before, names) if before else {}, _numbered(after, names)
    moved = [
        replace(line, before=old[key].after if key in old else "")
        for key, line in new.items()
        if key not in old or old[key].after != line.after
    ]
    gone = [replace(line, before=line.after, after="") for key, line in old.items() if key not in new]
    return moved + gone


Keyed = tuple[tuple[str, ...], Change]


def _numbered(content: PlanContent, names: Names) -> dict[tuple[str, ...], Change]:
    """The statements by key; one that a plan makes twice keeps both, so that nothing hides behind a repeated id."""
    found: dict[tuple[str, ...], Change] = {}
    for key, line in _statements(content, names):
        number = 1
        while (*key, str(number)) in found:
            number += 1
        found[*key, str(number)] = replace(line, of="\n".join(key[:2]), number=len(found) + 1)
    return found


def _statements(content: PlanContent, names: Names) -> Iterator[Keyed]:
    yield ("plan", "title"), Change(N_("Bản kế hoạch"), "", N_("Tên"), content.title)
    for basis in content.bases:
        text = f"{basis.reference}: {basis.text}" if basis.text else basis.reference
        line = Change(N_("Căn cứ"), names.of(basis.kind), N_("Viện dẫn"), text)
        yield ("basis", basis.kind.value, basis.reference), line
    for plan in content.channel_plans:
        yield from _of_channel(plan, names)
    for group in content.contributor_groups:
        yield _of_group(group, names)


def _of_channel(plan: ChannelPlan, names: Names) -> Iterator[Keyed]:
    channel = names.of(plan.channel)
    key = ("channel", plan.channel.value)
    yield (*key, "audience"), Change(N_("Kênh"), channel, N_("Phạm vi"), names.of(plan.audience))
    if plan.aims:
        yield (*key, "aims"), Change(N_("Kênh"), channel, N_("Mục tiêu"), plan.aims)
    for item in plan.items:
        for field, text in _fields(item, names):
            yield ("item", item.item_id, field), Change(N_("Mục"), item.title, field, text)
        yield ("item", item.item_id, "channel"), Change(N_("Mục"), item.title, N_("Kênh"), channel)


def _fields(item: PlanItem, names: Names) -> Iterator[tuple[str, str]]:
    yield N_("Tên"), item.title
    yield N_("Loại"), names.of(item.kind)
    yield N_("Mức"), names.of(item.tier)
    yield N_("Mảng chủ đề"), names.reference.topic_name(item.topic_area, names.lang)
    optional = {
        N_("Lịch lặp"): item.recurrence,
        N_("Mốc"): item.milestone and f"{names.at(item.milestone.starts_at)} - {names.at(item.milestone.ends_at)}",
        N_("Yêu cầu"): "; ".join(_requirement(requirement, names) for requirement in item.requirements),
        N_("Đơn vị phụ trách"): names.reference.unit_name(item.lead_unit, names.lang),
        N_("Kinh phí"): None if item.cost_minor is None else names.money(item.cost_minor),
        N_("Đối tác"): item.partner,
        N_("Ghi chú"): item.note,
    }
    yield from ((field, text) for field, text in optional.items() if text)


def _requirement(requirement: Requirement, names: Names) -> str:
    codes = [*requirement.channels, *requirement.phases]
    name = names.of(requirement.code)
    return f"{name} ({', '.join(names.of(code) for code in codes)})" if codes else name


def _of_group(group: ContributorGroup, names: Names) -> Keyed:
    channel = names.of(group.channel)
    line = Change(N_("Nhóm cộng tác viên"), channel, N_("Thành viên"), ", ".join(group.members) or "0")
    return ("group", group.group_id), line
