"""The doors of versions, for programs and for people; it must never judge."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from fastapi import APIRouter

from services.monitoring.judging import Judge
from services.monitoring.versions import web_pages, web_versions, web_what_if
from services.monitoring.versions.issuing import Issuer

if TYPE_CHECKING:
    from services.chassis.app import Service


def version_routers(service: "Service", judge: Judge) -> Sequence[APIRouter]:
    """The doors of versions, for programs and for people."""
    issuer = Issuer(service, judge)
    return (
        web_versions.create_router(service, issuer),
        web_pages.create_router(service, issuer),
        web_what_if.create_router(service),
    )
