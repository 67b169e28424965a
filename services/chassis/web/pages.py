"""Pages: Jinja2 templates inside the shell, in the reader's language and theme; it must never decide."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache, partial
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode, urlsplit

from fastapi import Request, Response
from fastapi.responses import HTMLResponse
from jinja2 import BytecodeCache, Environment, FileSystemLoader, StrictUndefined, pass_context
from jinja2.bccache import Bucket
from jinja2.runtime import Context
from markupsafe import Markup

from contracts.codes import NAMES
from services.chassis.settings import ROOMS
from services.chassis.web.formats import Formats
from services.chassis.web.forms import AGAIN, Again, Typed, new_command_id
from services.chassis.web.i18n import DEFAULT_LANGUAGE, LANGUAGES, N_, Catalogue, load_catalogue
from services.chassis.web.identity import ROLE_NAMES, actor_of
from services.chassis.web.problems import prefers_json
from services.chassis.web.strip import ROOM_NAMES, Strip, strip

if TYPE_CHECKING:
    from services.chassis.app import Service

HERE = Path(__file__).parent
STATIC = HERE / "static"
THEMES = ("system", "light", "dark")
KEYS = ("on", "off")
THEME_NAMES = {"system": N_("Giao diện theo máy"), "light": N_("Giao diện sáng"), "dark": N_("Giao diện tối")}
CHOICE_KEPT_S = 365 * 86400
_TAG = re.compile(rf"(?:^|[\s,])({'|'.join(LANGUAGES)})(?:-[a-z0-9-]+)?\s*(?:;\s*q\s*=\s*([01](?:\.[0-9]{{0,3}})?))?")


@dataclass
class Web:
    """The parts of a service's pages, made once. Shape: root is the path prefix behind a proxy, or empty."""

    service: "Service"
    root: str
    catalogue: Catalogue
    environments: dict[str, Environment] = field(default_factory=dict)
    body_limits: dict[str, int] = field(default_factory=dict)


class _Compiled(BytecodeCache):
    """Templates as they were compiled for the first language, for the others: it takes longer than a page."""

    def __init__(self) -> None:
        self._code: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """Give a template what is known of it; Jinja itself sees whether its source has changed."""
        if code := self._code.get(bucket.key):
            bucket.bytecode_from_string(code)

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep a template."""
        self._code[bucket.key] = bucket.bytecode_to_string()


_COMPILED = _Compiled()


def create_web(service: "Service", templates: Path, locale: Path) -> Web:
    """Texts and a template environment per language; the service's templates come before the chassis' ones."""
    root = urlsplit(service.settings.room_urls[service.name]).path.rstrip("/")
    web = Web(service, root, load_catalogue(HERE / "locale", locale))
    web.environments |= {code: _environment(web, [templates, HERE / "templates"], code) for code in LANGUAGES}
    return web


def _environment(web: Web, folders: list[Path], language: str) -> Environment:
    service, loader = web.service, FileSystemLoader(folders)
    options: dict[str, Any] = {"undefined": StrictUndefined, "trim_blocks": True, "lstrip_blocks": True}
    # what was read stays: a service is started again after a change
    options |= {"autoescape": True, "auto_reload": False}
    environment = Environment(loader=loader, bytecode_cache=_COMPILED, **options)
    formats = Formats(language, service.clock.now)
    names = ("date", "time", "clock", "instant", "due", "due_in_words", "remaining", "late_by", "number", "percent")
    environment.filters |= {name: getattr(formats, name) for name in names}
    environment.filters["vi"] = partial(_written_in_vietnamese, language)
    environment.globals |= {
        "_": partial(web.catalogue.gettext, language),
        "ngettext": partial(web.catalogue.ngettext, language),
        "lang": language,
        "named": partial(_named, language),
        "now": service.clock.now,
        "root": web.root,
        "room": lambda name: service.settings.room_urls[name].rstrip("/"),
        "rooms": [(n, name, ROOM_NAMES[name]) for n, name in enumerate(ROOMS, 1)],
        "service_name": service.name,
        "environment_name": service.settings.environment,
        "role_names": ROLE_NAMES,
        "theme_names": THEME_NAMES,
        "new_command_id": new_command_id,
        "static": partial(_static_address, web.root),
    }
    parts: Any = environment.get_template("parts.html").module
    for macro in ("icon", "badge", "note", "digest", "empty"):
        environment.globals[macro] = getattr(parts, macro)
    environment.globals["form_fields"] = pass_context(lambda c: parts.form_fields(new_command_id(), c.get("here", "")))
    environment.globals["field"] = pass_context(partial(_field, parts))
    return environment


def _named(language: str, code: object) -> str:
    """The name of a code in the language; an unknown code is shown as it is."""
    return NAMES.get(str(code), {}).get(language, str(code))


def _written_in_vietnamese(language: str, text: Any) -> Any:
    """`{{ event.title | vi }}`: what people wrote stays in Vietnamese, and a page in another language says so."""
    return text if language == "vi" or not text else Markup('<span lang="vi">%s</span>') % text


@cache
def _static_address(root: str, name: str) -> str:
    digest = sha256((STATIC / name).read_bytes()).hexdigest()[:12]
    return f"{root}/static/{name}?v={digest}"


def _field(parts: Any, context: Context, name: str, *texts: Any, **options: Any) -> Any:
    """`field(name, label, value, option=...)` in templates: an input that knows its faults and what was typed."""
    label, value = (*texts, "")[:2]
    faults = [fault for fault in context.get("errors", ()) if fault.field == name]
    shown = context["typed"][name] if context.get("is_again") else value
    return parts.field(name, label, shown, faults=faults, options=options)


def language(request: Request) -> str:
    """The reader's language: `?lang=`, else the cookie, else what a program accepts, else Vietnamese.

    What a browser accepts is its own setting and no choice of its reader: pages begin in Vietnamese.
    """
    default = _accepted(request.headers.get("accept-language", "")) if prefers_json(request) else DEFAULT_LANGUAGE
    return _choice(request, "lang", LANGUAGES, default)


def _accepted(header: str) -> str:
    """The language of ours that an Accept-Language weighs most."""
    weights = dict.fromkeys(LANGUAGES, 0.0)
    for tag, weight in _TAG.findall(header.lower()):
        weights[tag] = max(weights[tag], float(weight or 1))
    return max(LANGUAGES, key=lambda code: weights[code])


def theme(request: Request) -> str:
    """The reader's theme: `?theme=`, else the cookie, else the machine's."""
    return _choice(request, "theme", THEMES, THEMES[0])


def keys(request: Request) -> str:
    """Whether single keys do something: `?keys=`, else the cookie, else on."""
    return _choice(request, "keys", KEYS, KEYS[0])


def _choice(request: Request, name: str, allowed: tuple[str, ...], default: str) -> str:
    for given in (request.query_params.get(name), request.cookies.get(name)):
        if given in allowed:
            return given
    return default


def translate(request: Request, msgid: str, /, **params: Any) -> str:
    """A text in the reader's language."""
    web: Web = request.app.state.web
    return web.catalogue.gettext(language(request), msgid, **params)


async def page(request: Request, template: str, status: int = 200, **view: Any) -> Response:
    """The page in the shell; after a refused form the same page with the faults and what was typed.

    Shape:   templates also see actor, theme, keys, here, errors, typed, is_again, strip and what the environment has.
    """
    web: Web = request.app.state.web
    again: Again | None = request.scope.get(AGAIN)
    spoken, seen, pressed = language(request), theme(request), keys(request)
    shell: dict[str, Any] = {
        "theme": seen,
        "next_theme": THEMES[(THEMES.index(seen) + 1) % len(THEMES)],
        "keys": pressed,
        "here": _here(request, {}),
        "in_language": lambda code: _here(request, {"lang": code}),
        "in_theme": lambda name: _here(request, {"theme": name}),
        "in_keys": lambda choice: _here(request, {"keys": choice}),
        "errors": (),
        "typed": Typed(),
        "is_again": again is not None,
    }
    if "actor" not in view:
        shell["actor"] = await actor_of(request)
    if "strip" not in view:
        shell["strip"] = await _strip(web.service)
    is_known = view.get("actor", shell.get("actor")) is not None and view.get("strip", shell.get("strip")) is not None
    shell["in_rooms"] = await web.service.waiting.counts() if is_known else {}
    if again:
        view |= {"errors": again.errors, "typed": again.typed}
        status = again.trouble.status if status == 200 else status
    html = web.environments[spoken].get_template(template).render({**shell, **view})
    response = HTMLResponse(html, status)
    response.headers["Content-Language"] = spoken
    _keep_choices(request, response, {"lang": spoken, "theme": seen, "keys": pressed})
    return response


async def _strip(service: "Service") -> Strip:
    own = service.definition.strip
    return await own(service) if own else strip(service)


def _here(request: Request, changes: Mapping[str, str]) -> str:
    """The path and query of this page, with other values for some of the query."""
    rest = [(name, value) for name, value in request.query_params.multi_items() if name not in changes]
    path = quote(request.scope["path"])
    root = request.scope.get("root_path", "")
    path = path if path.startswith(f"{root}/") or not root else root + path
    query = urlencode([*rest, *changes.items()])
    return f"{path}?{query}" if query else path


def _keep_choices(request: Request, response: Response, choices: Mapping[str, str]) -> None:
    is_tls = request.app.state.service.settings.cookie_secure
    for name, value in choices.items():
        if request.query_params.get(name) == value != request.cookies.get(name):
            response.set_cookie(
                name, value, max_age=CHOICE_KEPT_S, path="/", secure=is_tls, httponly=True, samesite="lax"
            )
