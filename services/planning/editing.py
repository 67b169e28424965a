"""How one part of a plan's content is put or dropped, for forms that change a part at a time; pure, it never judges."""

from collections.abc import Callable, Iterable
from typing import Any

from contracts.codes import CHANNELS, Channel
from contracts.planning import Basis, ChannelPlan, ContributorGroup, PlanContent, PlanItem
from services.planning.refusals import refuse, refused

Change = Callable[[PlanContent], PlanContent]


def with_title(title: str) -> Change:
    """Give the plan another title."""
    return lambda content: content.model_copy(update={"title": title})


def put_basis(place: int | None, basis: Basis) -> Change:
    """Add a basis at the end, or put it in the place of another; the same basis is not added twice."""

    def change(content: PlanContent) -> PlanContent:
        bases = list(content.bases)
        if place is None:
            bases += [] if basis in bases else [basis]
        elif place < len(bases):
            bases[place] = basis
        else:
            raise refused(refuse("part-unknown"))
        return content.model_copy(update={"bases": tuple(bases)})

    return change


def put_channel(channel: Channel, aims: str) -> Change:
    """Add the plan of a channel, or change its aims."""

    def change(content: PlanContent) -> PlanContent:
        kept = next((plan.items for plan in content.channel_plans if plan.channel == channel), ())
        made = ChannelPlan(channel=channel, audience=CHANNELS[channel].audience, aims=aims, items=kept)
        return content.model_copy(update={"channel_plans": _put(content.channel_plans, made, "channel")})

    return change


def put_item(channel: Channel, item: PlanItem) -> Change:
    """Put an item into the plan of a channel, in its old place or at the end; elsewhere it is taken out."""

    def change(content: PlanContent) -> PlanContent:
        if all(plan.channel != channel for plan in content.channel_plans):
            content = put_channel(channel, "")(content)
        plans = []
        for plan in content.channel_plans:
            others = tuple(one for one in plan.items if one.item_id != item.item_id)
            items = _put(plan.items, item, "item_id") if plan.channel == channel else others
            plans.append(plan.model_copy(update={"items": items}))
        return content.model_copy(update={"channel_plans": tuple(plans)})

    return change


def put_group(group: ContributorGroup) -> Change:
    """Put a contributor group in its old place, or at the end."""
    return lambda content: content.model_copy(
        update={"contributor_groups": _put(content.contributor_groups, group, "group_id")}
    )


def drop(part: str, key: str) -> Change:
    """Take out a basis by its place, a channel with its items and groups, an item, or a group by its id."""

    def change(content: PlanContent) -> PlanContent:
        bases, plans, groups = content.bases, content.channel_plans, content.contributor_groups
        if part == "bases":
            bases = tuple(basis for n, basis in enumerate(bases) if str(n) != key)
        elif part == "channels":
            plans, groups = _without(plans, "channel", key), _without(groups, "channel", key)
        elif part == "groups":
            groups = _without(groups, "group_id", key)
        else:
            plans = tuple(one.model_copy(update={"items": _without(one.items, "item_id", key)}) for one in plans)
        return content.model_copy(update={"bases": bases, "channel_plans": plans, "contributor_groups": groups})

    return change


def _put(parts: Iterable[Any], made: Any, name: str) -> tuple[Any, ...]:
    """The parts with one in the place of the part of the same name, or at the end."""
    listed = list(parts)
    places = [n for n, one in enumerate(listed) if getattr(one, name) == getattr(made, name)]
    return tuple(made if n in places else one for n, one in enumerate(listed)) + (() if places else (made,))


def _without(parts: Iterable[Any], name: str, key: str) -> tuple[Any, ...]:
    return tuple(one for one in parts if getattr(one, name) != key)
