"""The web half of the chassis: pages, forms, problems and sign-in by one name; it must never hold a rule."""

from services.chassis.web.forms import TypedInstant, command_id, form_data, new_command_id, parsed
from services.chassis.web.layers import answer, install_web
from services.chassis.web.pages import Web, language, page, translate
from services.chassis.web.problems import Problem
from services.chassis.web.strip import Strip, StripItem

__all__ = [
    "Problem",
    "Strip",
    "StripItem",
    "TypedInstant",
    "Web",
    "answer",
    "command_id",
    "form_data",
    "install_web",
    "language",
    "new_command_id",
    "page",
    "parsed",
    "translate",
]
