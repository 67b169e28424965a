"""What monitoring knows of a school year's own steps: plan submitted, plan approved, report issued.

It must never judge: it keeps the earliest instant of each, in whatever order messages come.
"""

from contracts.approval import PlanApproved
from contracts.envelope import Message
from contracts.planning import PlanDrafted
from contracts.reporting import ReportIssued
from contracts.times import format_time
from services.chassis.unit import Unit

STEPS = {PlanDrafted: "plan_submitted_at", PlanApproved: "plan_approved_at", ReportIssued: "report_issued_at"}


async def hear(unit: Unit, message: Message) -> None:
    """Keep when the step of the school year that a message tells of was first taken. Source: 1.6, 2.3, 5.1"""
    step = STEPS.get(type(message.data))
    if step is None:
        return
    school_year, at = message.data.school_year, format_time(message.time)  # type: ignore[attr-defined]
    before = await unit.get("years", school_year) or {"_id": school_year}
    if before.get(step, "~") > at:
        unit.put("years", before | {step: at})
