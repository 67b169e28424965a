"""All message types: name, full type, data model, topic and producer.

Never a second place for a topic's content: the topics are read from `topics`.
"""

from dataclasses import dataclass

from contracts import approval, events, heartbeat, monitoring, planning, publishing, reporting
from contracts.fields import Record
from contracts.topics import TOPICS

TYPE_PREFIX = "vn.edu.hcmute.publicity."
SCHEMA_PREFIX = "urn:vn.edu.hcmute.publicity:"
Model = type[Record]


@dataclass(frozen=True)
class MessageType:
    """A message type.

    Shape:   name "event-held", type "vn.edu.hcmute.publicity.event-held.v1", topic and producer by name.
    """

    name: str
    type: str
    model: Model
    topic: str
    producer: str

    @property
    def dataschema(self) -> str:
        """The address of the schema of the data."""
        return f"{SCHEMA_PREFIX}{self.name}:v1"


_MODELS: dict[str, Model] = {
    "event-held": events.EventHeld,
    "event-scheduled": events.EventScheduled,
    "event-cancelled": events.EventCancelled,
    "event-classified": events.EventClassified,
    "event-merged": events.EventMerged,
    "plan-drafted": planning.PlanDrafted,
    "plan-withdrawn": planning.PlanWithdrawn,
    "plan-approved": approval.PlanApproved,
    "plan-returned": approval.PlanReturned,
    "plan-escalated": approval.PlanEscalated,
    "plan-revised": approval.PlanRevised,
    "content-submitted": publishing.ContentSubmitted,
    "content-published": publishing.ContentPublished,
    "content-corrected": publishing.ContentCorrected,
    "content-withdrawn": publishing.ContentWithdrawn,
    "delivery-failed": publishing.DeliveryFailed,
    "obligation-assessed": monitoring.ObligationAssessed,
    "deadline-missed": monitoring.DeadlineMissed,
    "deadline-miss-withdrawn": monitoring.DeadlineMissWithdrawn,
    "deadline-approaching": monitoring.DeadlineApproaching,
    "obligation-waived": monitoring.ObligationWaived,
    "obligation-waiver-revoked": monitoring.ObligationWaiverRevoked,
    "cause-set": monitoring.CauseSet,
    "directive-issued": monitoring.DirectiveIssued,
    "directive-acknowledged": monitoring.DirectiveAcknowledged,
    "directive-closed": monitoring.DirectiveClosed,
    "calendar-issued": monitoring.CalendarIssued,
    "policy-issued": monitoring.PolicyIssued,
    "report-issued": reporting.ReportIssued,
    "improvement-proposed": reporting.ImprovementProposed,
    "heartbeat": heartbeat.Heartbeat,
}

TYPES: dict[str, MessageType] = {
    name: MessageType(name, f"{TYPE_PREFIX}{name}.v1", _MODELS[name], topic.name, topic.writer)
    for topic in TOPICS
    for name in topic.messages
}
BY_TYPE: dict[str, MessageType] = {kind.type: kind for kind in TYPES.values()}
BY_MODEL: dict[Model, MessageType] = {kind.model: kind for kind in TYPES.values()}
# What other systems send to an inbox under the same types: the facts without `event` and `origin`.
REPORTS: dict[str, Model] = {
    "event-held": events.EventReport,
    "event-scheduled": events.EventReport,
    "event-cancelled": events.CancellationReport,
}
