"""One part of a plan put or dropped at a time: what is meant changes, and nothing else."""

import pytest

from contracts.codes import Channel
from contracts.planning import Basis, ContributorGroup, PlanContent, PlanItem
from services.chassis.decision import Refused
from services.planning.editing import drop, put_basis, put_channel, put_group, put_item, with_title
from tests.planning.builders import channel, content, focal, group, routine

BASIS = Basis.from_data({"kind": "IMPROVEMENT_PROPOSAL", "reference": "p-1"})


def items(made: PlanContent) -> dict[str, list[str]]:
    return {plan.channel.value: [item.item_id for item in plan.items] for plan in made.channel_plans}


def item(item_id: str, title: str = "Mới") -> PlanItem:
    return PlanItem.from_data(routine(item_id, title=title))


def test_a_title_is_changed_alone() -> None:
    assert with_title("Mới")(content()) == content(title="Mới")


def test_a_basis_comes_at_the_end_once_or_takes_anothers_place() -> None:
    added = put_basis(None, BASIS)(content())
    assert added.bases == (*content().bases, BASIS)
    assert put_basis(None, BASIS)(added) == added
    assert put_basis(1, BASIS)(content()).bases[1] == BASIS
    with pytest.raises(Refused, match="part-unknown"):
        put_basis(4, BASIS)(content())


def test_a_channel_keeps_its_items_when_its_aims_change() -> None:
    after = put_channel(Channel.E_BOARD, "Kịp thời")(content())
    assert items(after) == items(content())
    assert after.channel_plans[0].aims == "Kịp thời"
    assert items(put_channel(Channel.PRESS, "")(content()))["PRESS"] == []


def test_an_item_is_put_in_its_place_at_the_end_or_moved_to_another_channel() -> None:
    made = content(channel_plans=[channel("E_BOARD", routine("a"), routine("b")), channel("VI_WEB", focal("c"))])
    same = put_item(Channel.E_BOARD, item("a"))(made)
    assert (items(same), same.channel_plans[0].items[0].title) == (items(made), "Mới")
    assert items(put_item(Channel.E_BOARD, item("d"))(made))["E_BOARD"] == ["a", "b", "d"]
    assert items(put_item(Channel.VI_WEB, item("a"))(made)) == {"E_BOARD": ["b"], "VI_WEB": ["c", "a"]}
    assert items(put_item(Channel.PRESS, item("a"))(made)) == {"E_BOARD": ["b"], "VI_WEB": ["c"], "PRESS": ["a"]}


def test_a_group_is_put_in_its_place_or_at_the_end() -> None:
    changed = ContributorGroup.from_data(group("E_BOARD", "ctv-9"))
    assert put_group(changed)(content()).contributor_groups[0].members == ("ctv-9",)
    added = ContributorGroup.from_data(group("E_BOARD", group_id="g9"))
    assert [one.group_id for one in put_group(added)(content()).contributor_groups] == [
        "group-E_BOARD",
        "group-VI_WEB",
        "g9",
    ]


def test_what_is_dropped_takes_along_what_stands_on_it() -> None:
    made = content()
    assert len(drop("bases", "0")(made).bases) == 3
    assert items(drop("items", "20-11")(made)) == {"E_BOARD": ["tin-tuan"], "VI_WEB": []}
    assert [one.group_id for one in drop("groups", "group-VI_WEB")(made).contributor_groups] == ["group-E_BOARD"]
    without = drop("channels", "VI_WEB")(made)
    assert items(without) == {"E_BOARD": ["tin-tuan"]}
    assert [one.channel for one in without.contributor_groups] == ["E_BOARD"]


@pytest.mark.parametrize("part", ["bases", "channels", "items", "groups"])
def test_dropping_what_is_not_there_changes_nothing(part: str) -> None:
    assert drop(part, "none")(content()) == content()
