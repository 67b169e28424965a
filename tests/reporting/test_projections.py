"""The fold is a set: order, batches and repeats of messages change nothing, and the past can be asked again."""

from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.canonical import canonical_json
from services.reporting.projections import fact_of, fold, known_at, latest, waiver_in_force
from services.reporting.report import alternates
from services.reporting.snapshot import changes, from_docs, to_docs
from tests.reporting.builders import a_year, assessed, at, folded, held, missed, published, snapshot, stamp, waived

MESSAGES = tuple(a_year())
WHOLE = snapshot(*MESSAGES)


@settings(max_examples=60, deadline=None)
@given(st.randoms(use_true_random=False), st.floats(0, 0.5))
def test_order_and_duplicates_change_neither_documents_nor_digest(dice: Random, repeated: float) -> None:
    told = [one for one in MESSAGES for _ in range(1 + (dice.random() < repeated))]
    dice.shuffle(told)
    assert canonical_json(folded(told)) == canonical_json(folded(MESSAGES))
    after = snapshot(*told)
    assert (after.digest, after.observed, after) == (WHOLE.digest, WHOLE.observed, WHOLE)


@settings(max_examples=30, deadline=None)
@given(st.randoms(use_true_random=False))
def test_batches_fold_like_single_messages(dice: Random) -> None:
    facts = [fact_of(one) for one in (assessed(), assessed(sequence=2, state="LATE"), waived(), missed())]
    dice.shuffle(facts)
    cut = dice.randrange(len(facts) + 1)
    first = fold(None, "o", facts[:cut])
    in_batches = fold(first, "o", facts[cut:]) or first
    assert in_batches == fold(None, "o", facts)
    assert fold(in_batches, "o", facts) is None


def test_the_same_message_received_twice_keeps_its_earliest_receipt() -> None:
    early, late = held(recorded="2025-11-20 17:00", id="m"), held(recorded="2025-11-22 09:00", id="m")
    for told in ((early, late), (late, early)):
        (doc,) = folded(told)["events"]
        assert [fact["recorded"] for fact in doc["facts"]] == [stamp("2025-11-20 17:00")]


def test_what_came_after_the_cut_off_does_not_change_the_year_as_of_it() -> None:
    later = assessed(
        "b",
        ended="2026-03-02 11:00",
        state="LATE",
        discharged_at="2026-08-16 08:00",
        sequence=9,
        when=at("2026-08-16 08:00"),
    )
    before = snapshot(*MESSAGES, as_of="2026-08-15 17:00", known="2026-08-15 17:00")
    after = snapshot(*MESSAGES, later, as_of="2026-08-15 17:00", known="2026-08-15 17:00")
    assert after.digest == before.digest == WHOLE.digest
    now = snapshot(*MESSAGES, later, as_of="2026-08-20 08:00")
    ((was, became),) = changes(before, now)
    assert was is not None
    assert became is not None
    assert (was.state, became.state) == ("MISSED", "LATE")


def test_the_assessment_with_the_highest_sequence_holds_whatever_its_time() -> None:
    older, newer = assessed(sequence=9, state="LATE", when=at("2025-11-21")), assessed(sequence=10, state="ON_TIME")
    (doc,) = folded((newer, older))["obligations"]
    assert (latest(doc["facts"]) or {})["state"] == "ON_TIME"


def test_a_second_waiver_changes_nothing_until_the_first_is_revoked() -> None:
    first, second = waived(when="2025-11-22 08:00"), waived(when="2025-11-25 08:00")
    revoked = waived(when="2025-11-24 08:00", name="obligation-waiver-revoked")
    facts = [fact_of(one) for one in (second, first)]
    assert (waiver_in_force(facts) or {})["issued_at"] == stamp("2025-11-22 08:00")
    assert (waiver_in_force([*facts, fact_of(revoked)]) or {})["issued_at"] == stamp("2025-11-25 08:00")
    assert waiver_in_force([fact_of(first), fact_of(revoked)]) is None


def test_misses_alternate_in_whatever_order_they_came() -> None:
    assert alternates([2, 1], [1])
    assert alternates([1], [1])
    assert alternates([], [])
    assert not alternates([2], [])  # the first is still on its way
    assert not alternates([1], [2])
    assert not alternates([1, 2], [])  # the withdrawal of the first is still on its way
    counted = snapshot(missed("b", 2), *MESSAGES).observed
    assert (counted["announced"], counted["withdrawn"], counted["broken"], counted["median_lag_s"]) == (2, 1, 0, 90.0)


def test_messages_that_no_figure_asks_for_leave_no_trace() -> None:
    assert known_at((), stamp("2025-11-20")) == {}
    assert folded(())["obligations"] == []


def test_a_frozen_year_is_read_back_as_it_was() -> None:
    assert from_docs(to_docs(WHOLE)).digest == WHOLE.digest
    again = from_docs(to_docs(WHOLE))
    assert (again.obligations, again.events, again.occurrences) == (WHOLE.obligations, WHOLE.events, WHOLE.occurrences)
    assert (again.figures, dict(again.cuts)) == (WHOLE.figures, dict(WHOLE.cuts))


def test_no_account_stands_in_what_the_digest_covers() -> None:
    told = canonical_json(to_docs(WHOLE)).decode()
    for account in ("ctv-1", "ctv-2", "truong-phong", "soan-thao", "van-hanh"):
        assert account not in told


def test_an_account_of_another_id_gives_the_same_digest() -> None:
    one, other = (snapshot(published(), waived(by=by), held(), assessed()).digest for by in ("a", "b"))
    assert one == other
