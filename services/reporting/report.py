"""The figures of a school year: counts and rates over rows; pure.

Never a figure that its rows do not give: a count of rows can always be opened as those rows.
"""

from collections import Counter
from collections.abc import Container, Iterable, Sequence
from statistics import median
from typing import Any, NamedTuple

from contracts.codes import Cause, Phase, State, Tier
from contracts.times import format_time
from services.reporting.execution import Occurrence, PlanFigures
from services.reporting.projections import FAILED, MISSED, SUBMITTED, UNMISSED, Fact
from services.reporting.rows import EventRow, FactsOf, Row, seconds_between, standing
from services.reporting.school_years import YearDates, opening_of

Figures = dict[str, Any]
RATES = ("on_time", "strict", "working_day", "fault_adjusted")
CUTS = ("requirement", "topic_area", "unit", "tier", "month")
# Source: R11 (OPEN is left out, WAIVED and VOID are shown beside)
COUNTED = (State.ON_TIME, State.LATE, State.MISSED)
# Of several obligations of one event and phase, the one that is told. Source: R13
_WORST = (State.MISSED, State.LATE, State.OPEN, State.ON_TIME, State.WAIVED)
# Source: R20 (Unconfirmed: 24 h after the end of a scheduled event)
UNCONFIRMED_S = 24 * 3600


class Focal(NamedTuple):
    """A focal event and the worst state of its news before and after; "" when none is asked for."""

    event: str
    title: str
    before: str
    after: str


def state_in(row: Row, rate: str) -> str:
    """The state of an obligation under one way of counting; "" when that rate does not count it at all.

    Source: A3 (strict, working days), A14 (the fault-adjusted rate leaves LATE_NOTICE out)
    """
    if rate == "strict":
        return row.strict
    if rate == "working_day":
        return row.working
    return "" if rate == "fault_adjusted" and row.cause == Cause.LATE_NOTICE else row.state


def rate_of(rows: Iterable[Row], rate: str) -> dict[str, int]:
    """Numerator and denominator: ON_TIME / (ON_TIME + LATE + MISSED). Source: 3.4, 3.5, A3, A14"""
    states = Counter(state_in(row, rate) for row in rows)
    return _ratio(states[State.ON_TIME], sum(states[state] for state in COUNTED))


def cut(rows: Iterable[Row], by: str) -> list[Figures]:
    """The four rates and the counts of each requirement, topic area, unit, tier or month. Source: 4.1, R16"""
    groups: dict[str, list[Row]] = {}
    for row in rows:
        groups.setdefault(getattr(row, by), []).append(row)
    return [
        {"key": key} | {rate: rate_of(mine, rate) for rate in RATES} | {"counts": counts_of(mine)}
        for key, mine in sorted(groups.items())
    ]


def counts_of(rows: Iterable[Row]) -> dict[str, int]:
    """How many obligations stand in each state, none left out. Source: R20"""
    states = Counter(row.state for row in rows)
    return {state.value: states[state] for state in State}


def of_obligations(rows: Sequence[Row]) -> Figures:
    """The rates, the counts, what a person took away, the causes, and the focal events' news. Source: 5.1, R18, R20"""
    found = Counter(row.cause or Cause.UNKNOWN.value for row in rows if row.state in (State.LATE, State.MISSED))
    return {
        **{rate: rate_of(rows, rate) for rate in RATES},
        "counts": counts_of(rows),
        "removed_after_due": sum(is_removed_miss(row) for row in rows),
        "undated": sum(row.due_at is None and row.state == State.OPEN for row in rows),
        "causes": {cause.value: found[cause] for cause in Cause},
        "focal": focal_coverage(rows),
    }


def of_events(events: Sequence[EventRow], *, as_of: str) -> Figures:
    """How many events were held or not confirmed; how soon came news and notice. Source: R11, R20, A14, A15"""
    held = [event for event in events if event.held]
    unplanned = sum(not event.planned for event in held)
    silent_s = [seconds_between(event.ended_at, as_of) for event in events if not event.held]
    unconfirmed = sum(length_s >= UNCONFIRMED_S for length_s in silent_s)
    return {
        "events": {"held": len(held), "unplanned": unplanned, "unconfirmed": unconfirmed},
        "hours_to_publish": _median(event.publish_hours for event in events),
        "notice_lag": _median(event.notice_hours for event in events),
    }


def of_plan(plan: PlanFigures, occurrences: Sequence[Occurrence], dates: YearDates) -> Figures:
    """Whether the plan was submitted before it was due (null without one), how long approval took, what was done of it.

    Source: 1.6, R05, A21, R08, R21, 4.0
    """
    due_at = format_time(opening_of(dates.plan_due_on, later=1))
    is_on_time = None if plan.submitted_at is None else plan.submitted_at < due_at
    return {
        "plan_on_time": {"submitted_at": plan.submitted_at, "due_at": due_at, "on_time": is_on_time},
        "approval_lead_time": _median(plan.approval_hours),
        "plan_execution": _ratio(sum(one.done_at is not None for one in occurrences), len(occurrences)),
        "unread_items": list(plan.unread),
    }


def of_work(publications: FactsOf) -> Figures:
    """What was shown where, contributor activity, and deliveries that failed. Source: 0.3, 3.2, R10"""
    shown = [fact for facts in publications.values() for fact in standing(facts)]
    told = [fact for facts in publications.values() for fact in facts]
    sent = [fact for fact in told if fact["kind"] == SUBMITTED]
    failed = {(*_revision(fact), fact["attempt"]) for fact in told if fact["kind"] == FAILED}
    delivered = {_revision(fact) for fact in told if "published_at" in fact and not fact["by_hand"]}
    by_channel = Counter(fact["channel"] for fact in shown)
    contributors, contents = {fact["submitted_by"] for fact in sent}, {fact["content_id"] for fact in sent}
    return {
        "publications": {"shown": len(shown), "by_channel": dict(sorted(by_channel.items()))},
        "contributors": {"active": len(contributors), "submitted": len(contents)},
        "delivery_failures": _ratio(len(failed), len(failed) + len(delivered)),
    }


def is_removed_miss(row: Row) -> bool:
    """Whether a person took the obligation away after its strict due date: listed by name. Source: A3, R20"""
    return bool(row.removed) and row.strict == State.MISSED


def focal_events(rows: Iterable[Row]) -> list[Focal]:
    """The focal events with the worst state of each phase, VOID ones aside; by title. Source: 3.6, R13"""
    states: dict[tuple[str, str], dict[str, set[str]]] = {}
    titles = {row.event: row.title for row in rows}
    for row in (row for row in rows if row.tier == Tier.FOCAL and row.state != State.VOID):
        states.setdefault((titles[row.event], row.event), {}).setdefault(row.phase, set()).add(row.state)
    none: set[str] = set()
    worst = {key: [_worst(found.get(phase, none)) for phase in Phase] for key, found in states.items()}
    return [Focal(event, title, *worst[title, event]) for title, event in sorted(worst)]


def focal_coverage(rows: Sequence[Row]) -> Figures:
    """Of the focal events whose news is due, those that have it: before, after, both; and those asked for none before.

    Source: 3.6, R13 (waived ones are aside; late news is news)
    """
    events = focal_events(rows)
    both = (_worst({one.before, one.after}) for one in events if one.before in COUNTED and one.after in COUNTED)
    found = {"pre": (one.before for one in events), "post": (one.after for one in events), "both": both}
    covered = {part: _covered(states) for part, states in found.items()}
    return covered | {"without_pre": sum(not one.before for one in events)}


def observed(told: FactsOf) -> Figures:
    """How the misses were announced: it depends on when messages came, and so is kept beside the digest.

    Shape:   broken counts obligations whose misses and withdrawals do not alternate: a message is still on its way.
    Units:   lags are seconds from due to detected.        Source: R20, 4.1
    """
    misses = [{fact["n"]: fact for fact in facts if fact["kind"] == MISSED} for facts in told.values()]
    withdrawn = [{fact["n"] for fact in facts if fact["kind"] == UNMISSED} for facts in told.values()]
    lags = [seconds_between(fact["due_at"], fact["detected_at"]) for one in misses for fact in one.values()]
    return {
        "announced": len(lags),
        "withdrawn": sum(map(len, withdrawn)),
        "broken": sum(not alternates(one.keys(), gone) for one, gone in zip(misses, withdrawn, strict=True)),
        "median_lag_s": median(lags) if lags else None,
        "max_lag_s": max(lags, default=None),
    }


def alternates(missed: Iterable[int], withdrawn: Iterable[int]) -> bool:
    """Whether misses 1, 2... of one obligation and their withdrawals alternate, however they came. Source: R20"""
    missed, withdrawn = set(missed), set(withdrawn)
    return missed == set(range(1, len(missed) + 1)) and missed - withdrawn <= {len(missed)} and withdrawn <= missed


def measures(figures: Figures, by_requirement: Iterable[Figures]) -> dict[str, float]:
    """What an improvement can be tied to: every figure that has a value, by name. Source: 5.2, R19"""
    ratios = {rate: figures[rate] for rate in (*RATES, "plan_execution", "delivery_failures")}
    ratios |= {f"focal_{part}": figures["focal"][part] for part in ("pre", "post", "both")}
    ratios |= {f"on_time.{one['key']}": one["on_time"] for one in by_requirement}
    found = {name: ratio["numerator"] / ratio["denominator"] for name, ratio in ratios.items() if ratio["denominator"]}
    medians = ("hours_to_publish", "notice_lag", "approval_lead_time")
    found |= {name: figures[name]["median"] for name in medians if figures[name]["of"]}
    found |= {f"cause.{cause}": count for cause, count in figures["causes"].items() if count}
    return {name: round(float(value), 4) for name, value in found.items()}


def _revision(fact: Fact) -> tuple[str, int, str]:
    return (fact["content_id"], fact["revision"], fact["channel"])


def _ratio(numerator: int, denominator: int) -> dict[str, int]:
    return {"numerator": numerator, "denominator": denominator}


def _median(values: Iterable[float | None]) -> Figures:
    known = [value for value in values if value is not None]
    return {"median": round(median(known), 1) if known else None, "of": len(known)}


def _worst(states: Container[str]) -> str:
    return next((state.value for state in _WORST if state in states), "")


def _covered(states: Iterable[str]) -> dict[str, int]:
    due = [state for state in states if state in COUNTED]
    return _ratio(sum(state != State.MISSED for state in due), len(due))
