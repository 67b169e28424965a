"""Code lists: exactly those of the contract, each with a name in both languages."""

from collections import defaultdict

import pytest

from contracts import codes
from contracts.codes import CHANNELS, CODE_LISTS, NAMES, Channel, allows_pre_event, default_channels, is_physical

CONTRACT = {
    codes.Channel: "INTERNAL_WEB VI_WEB EN_WEB UTE_TV E_BOARD NOTICE_BOARD PRESS BROADCAST SOCIAL BANNER PRINT",
    codes.Medium: "WEBSITE E_BOARD NOTICE_BOARD TV_CHANNEL PRESS BROADCAST SOCIAL BANNER PRINT_DISPLAY",
    codes.Audience: "INTERNAL EXTERNAL MASS_MEDIA",
    codes.Tier: "ROUTINE MAJOR FOCAL",
    codes.Phase: "PRE POST",
    codes.State: "OPEN ON_TIME LATE MISSED WAIVED VOID",
    codes.Cause: "LATE_NOTICE NO_SUBMISSION APPROVAL_DELAY CHANNEL_FAILURE UNKNOWN",
    codes.BasisKind: "QUALITY_POLICY QUALITY_OBJECTIVE OFFICE_WORK_PLAN CHANNEL_PROFILE IMPROVEMENT_PROPOSAL",
    codes.ItemKind: "ROUTINE FOCAL",
    codes.Stage: "OFFICE RECTORATE",
    codes.Verdict: "APPROVED RETURNED",
    codes.ContentKind: "TEXT PHOTO VIDEO",
    codes.WithdrawalReason: "CORRECTION CONSENT RELINKED OTHER",
    codes.DeliveryOutcome: "REFUSED UNREACHABLE UNKNOWN",
    codes.MissWithdrawalReason: "EVIDENCE REVISED CANCELLED MERGED CLASSIFIED CALENDAR PLAN_CHANGED WAIVED",
    codes.DayUnit: "CALENDAR WORKING",
    codes.Roll: "NEXT_WORKING NONE",
}


@pytest.mark.parametrize("kind", CONTRACT, ids=lambda kind: kind.__name__)
def test_a_list_has_the_codes_of_the_contract(kind: type[codes.NamedCode]) -> None:
    assert [code.value for code in kind] == CONTRACT[kind].split()


def test_every_list_of_the_module_is_in_code_lists() -> None:
    lists = {value for value in vars(codes).values() if isinstance(value, type) and issubclass(value, codes.NamedCode)}
    assert lists - {codes.NamedCode} == set(CODE_LISTS)


def test_every_code_has_a_name_in_both_languages() -> None:
    for kind in CODE_LISTS:
        for code in kind:
            assert code.vi.strip()
            assert code.en.strip()
            assert set(NAMES[code]) == {"vi", "en"}


def test_no_name_says_propaganda() -> None:
    assert not [code for code, name in NAMES.items() if "propaganda" in name["en"].lower()]


def test_a_bare_code_means_one_thing_but_for_two() -> None:
    meanings = defaultdict(set)
    for kind in CODE_LISTS:
        for code in kind:
            meanings[code.value].add((code.vi, code.en))
    assert {code for code, names in meanings.items() if len(names) > 1} == {"CALENDAR", "UNKNOWN"}
    assert NAMES["UNKNOWN"] == {"vi": codes.Cause.UNKNOWN.vi, "en": codes.Cause.UNKNOWN.en}


@pytest.mark.parametrize(
    ("requirement", "channels"),
    [
        ("WEBSITE", (Channel.VI_WEB,)),  # A19
        ("E_BOARD", (Channel.E_BOARD,)),
        ("MASS_MEDIA", (Channel.PRESS, Channel.BROADCAST, Channel.SOCIAL)),
        ("EN_WEB", (Channel.EN_WEB,)),  # a channel's code stands for itself
        ("INTERNAL_WEB", (Channel.INTERNAL_WEB,)),
    ],
)
def test_default_channels_of_a_requirement(requirement: str, channels: tuple[Channel, ...]) -> None:
    assert default_channels(requirement) == channels


def test_a_requirement_is_a_group_or_a_channel() -> None:
    assert {code.value for code in codes.RequirementCode} == {"WEBSITE", "MASS_MEDIA", *Channel}
    with pytest.raises(ValueError, match="FAX"):
        default_channels("FAX")


def test_every_channel_has_a_medium_and_an_audience() -> None:
    assert set(CHANNELS) == set(Channel)
    assert CHANNELS[Channel.INTERNAL_WEB].audience == "INTERNAL"  # 0.5
    assert {code for code in Channel if CHANNELS[code].audience == "MASS_MEDIA"} == {
        "PRESS",
        "BROADCAST",
        "SOCIAL",
    }  # 1.4
    assert {code for code in Channel if CHANNELS[code].medium == "WEBSITE"} == {"INTERNAL_WEB", "VI_WEB", "EN_WEB"}


def test_physical_forms_are_no_requirements() -> None:
    assert {code for code in Channel if is_physical(code)} == {"BANNER", "PRINT", "NOTICE_BOARD"}
    assert not is_physical("WEBSITE")


def test_focal_events_may_be_told_beforehand_on_the_channels_that_owe_it() -> None:  # 3.6, 3.7
    assert allows_pre_event("VI_WEB")
    assert allows_pre_event("E_BOARD")
