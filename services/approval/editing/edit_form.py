"""The form in which a reviewer changes the words of a plan: a field for each, named by its place; it never judges."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from pydantic import ValidationError

from contracts.planning import PlanContent
from services.approval.editing.revising import ITEM_WORDS
from services.chassis.decision import Refused
from services.chassis.web.problems import field_refusals

Json = dict[str, Any]
OPTIONAL = ("cost_minor", "partner", "note")


def edited(content: PlanContent, typed: Mapping[str, Any]) -> PlanContent:
    """The content with the words that a form names; what it leaves out stays.

    Shape:   title, aims-0 of the first channel, title-0-1 of its second item.
    Raises:  Refused with a refusal per faulty field.
    """
    data = content.to_data() | _typed(("title",), "", typed)
    for place, plan in enumerate(data["channel_plans"]):
        plan.update(_typed(("aims",), f"-{place}", typed))
        plan["items"] = [_item(item, f"-{place}-{n}", typed) for n, item in enumerate(plan["items"])]
    try:
        return PlanContent.from_data(data)
    except ValidationError as error:
        faults = error.errors(include_url=False)
        told = zip(field_refusals(faults), faults, strict=True)
        raise Refused(*(replace(one, pointer=f"/{_field(fault['loc'])}") for one, fault in told)) from None


def _typed(names: Sequence[str], place: str, typed: Mapping[str, Any]) -> Json:
    return {name: str(typed[name + place]).strip() for name in names if name + place in typed}


def _item(item: Json, place: str, typed: Mapping[str, Any]) -> Json:
    """The item with its words; one that may be left out and was made blank is left out."""
    made = item | _words(place, typed)
    return {name: value for name, value in made.items() if name not in OPTIONAL or value != ""}


def _words(place: str, typed: Mapping[str, Any]) -> Json:
    words = _typed(ITEM_WORDS, place, typed)
    amount = words.get("cost_minor", "").replace(".", "").replace(",", "").replace(" ", "")
    return words | ({"cost_minor": int(amount)} if amount.isascii() and amount.isdecimal() else {})


def _field(place: Sequence[str | int]) -> str:
    """The field's name in the form: that of the part, with the places of its channel and item."""
    name = next((str(part) for part in reversed(place) if isinstance(part, str)), "")
    return "-".join([name, *(str(part) for part in place if isinstance(part, int))])
