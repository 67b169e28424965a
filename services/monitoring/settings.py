"""What monitoring can be told by its environment beyond what every service can."""

from pathlib import Path
from typing import Literal, Self

from pydantic import Field, PrivateAttr, SecretStr, model_validator

from contracts.reference import TOPIC_AREAS_FILE, UNITS_FILE, Reference, read_reference
from contracts.topics import inbox_topic
from services.chassis import settings as chassis
from services.monitoring.intake.acceptance import is_registrable
from services.monitoring.reminders.approaching import APPROACHING_S
from services.monitoring.reminders.setup import SHIPPED, Reminders, check_reach, read_ladder, read_post


class Settings(chassis.Settings):
    """Monitoring's settings.

    Shape:   inbox_slugs is {"slug": "/source/prefix"}: a topic event-inbox-<slug> speaks for that prefix alone.
    """

    inbox_open: Literal["accept", "quarantine"] = Field(
        default="accept", description="what becomes of records of the plain event-inbox, whose sender nobody checked"
    )
    inbox_slugs: dict[str, str] = Field(default_factory=dict)
    quota_per_minute: int = Field(default=12_000, ge=1, description="events that one source may post in a minute")
    silent_warn_s: int = Field(default=900, ge=1, description="publishing not heard for so long: the page says so")
    silent_announce_s: int = Field(
        default=86_400, ge=60, description="publishing not heard for so long: misses are announced all the same"
    )
    approaching_s: int = Field(
        default=APPROACHING_S, ge=0, le=30 * 86_400, description="so long before its due date an obligation is near"
    )
    units_file: Path = Field(default=UNITS_FILE, description="The units of the school")
    topic_areas_file: Path = Field(default=TOPIC_AREAS_FILE, description="The topic areas of the school")

    smtp_url: SecretStr = Field(
        default=SecretStr(""),
        description="the mail server: smtp://, smtp+starttls:// or smtps://; none: no mail is sent",
    )
    mail_from: str = Field(default="", description="the address that reminders come from")
    reminders_file: Path = Field(default=SHIPPED, description="the ladder of reminders")
    reminders_mailboxes: Path | None = Field(default=None, description="the mailboxes of roles and units")
    reminders_hour: int = Field(default=7, ge=0, le=23, description="the school's hour of the mails of the morning")
    _reminders: Reminders = PrivateAttr()

    @model_validator(mode="after")
    def _inboxes_speak_for_sources(self) -> Self:
        for slug, prefix in self.inbox_slugs.items():
            inbox_topic(slug)
            if not is_registrable(prefix):
                message = (
                    f"INBOX_SLUGS: {slug} needs a source such as /sis, outside /publicity and without dot segments"
                )
                raise ValueError(message)
        return self

    @model_validator(mode="after")
    def _reminders_reach_somebody(self) -> Self:
        ladder, url, post = read_ladder(self.reminders_file), self.smtp_url.get_secret_value(), None
        if url:
            check_reach(ladder, self.approaching_s)
            units = frozenset(unit.code for unit in self.reference().units)
            post = read_post(url, self.mail_from, self.reminders_mailboxes, ladder=ladder, units=units)
        self._reminders = Reminders(ladder, self.reminders_hour, post)
        return self

    def reminders(self) -> Reminders:
        """The ladder and, unless mail is off, what is needed to send; read once, with the settings."""
        return self._reminders

    def reference(self) -> Reference:
        """The reference data; raises ValueError naming the fault of a file."""
        return read_reference(self.units_file, self.topic_areas_file)
