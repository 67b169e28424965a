"""The lists that a person has saved under a name: which may be added, and what is stored; pure.

Never another person's list, and never an address that the list of obligations does not take.
"""

from collections.abc import Mapping
from typing import Annotated, Any

from contracts.fields import Record, Text
from services.chassis.decision import Refusal
from services.chassis.web.i18n import N_
from services.monitoring.folding import fold

Doc = dict[str, Any]
MOST = 20
Name = Annotated[str, Text(60)]
NOTHING = Refusal("nothing-filtered", N_("Danh sách chưa lọc gì."), "", N_("Chọn ít nhất một điều kiện lọc rồi lưu."))
FULL = Refusal("lists-full", N_("Bạn đã lưu %(most)s bộ lọc, nhiều nhất có thể."), "", N_("Bỏ một bộ lọc rồi lưu."))
TAKEN = Refusal("name-taken", N_("Bạn đã có bộ lọc tên này."), "/name", N_("Chọn tên khác, hoặc bỏ bộ lọc cũ trước."))
UNKNOWN = Refusal("list-unknown", N_("Không có bộ lọc này."), "", N_("Tải lại trang: có thể đã bỏ ở nơi khác."))


class Saving(Record):
    """What a person asks to be saved. Shape: query is the part of the address behind the question mark."""

    name: Name
    query: Annotated[str, Text(1000, min_length=0)] = ""


class Removal(Record):
    """Which list is no longer wanted."""

    name: Name


def new_lists(account_id: str) -> Doc:
    """Return the document of a person who has saved nothing yet. Source: 4.1 (supervision is continuous)"""
    return {"_id": account_id, "lists": []}


def check_saving(doc: Doc, name: str, chosen: Mapping[str, str]) -> Refusal | None:
    """Return why a list cannot be saved: it asks for nothing, the name is taken, or there are too many.

    Source: 4.1 (each to his own view)
    """
    if not any(chosen.values()):
        return NOTHING
    if fold(name) in {fold(one["name"]) for one in doc["lists"]}:
        return TAKEN
    return Refusal(FULL.rule, FULL.detail, "", FULL.fix, {"most": MOST}) if len(doc["lists"]) >= MOST else None


def with_list(doc: Doc, name: str, chosen: Mapping[str, str]) -> Doc:
    """Return the document with one more list, its values as the address has them. Source: 4.1"""
    asked = {key: value for key, value in chosen.items() if value}
    return doc | {"lists": [*doc["lists"], {"name": name, "asked": asked}]}


def without_list(doc: Doc, name: str) -> Doc | None:
    """Return the document without the list, None when it has none of that name. Source: 4.1"""
    kept = [one for one in doc["lists"] if one["name"] != name]
    return doc | {"lists": kept} if len(kept) < len(doc["lists"]) else None
