"""Every page of the five rooms: where it stands, who opens it and how it answers."""

from dataclasses import dataclass

from contracts.envelope import obligation_id
from tests.browser.filled import CONTRIBUTOR, DRAFTER, EDITOR, HEAD, LAST_YEAR, OPERATOR, THIS_YEAR, Filled

ADMIN, NOBODY, RECTOR = "admin", "", "ban-giam-hieu"
ROOMS = ("planning", "approval", "publishing", "monitoring", "reporting")


@dataclass(frozen=True)
class Place:
    """A page; `who` opens it, `status` is its answer, `but` names rules of axe that it has a reason to break."""

    room: str
    path: str
    who: str
    status: int = 200
    but: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """How reports name it."""
        return f"{self.room}{self.path} ({self.who or 'nobody'})"


@dataclass(frozen=True)
class FormAgain:
    """A form that is sent with too little, and comes again with what is wrong; `action` is how its address ends."""

    room: str
    path: str
    who: str
    action: str


def places(filled: Filled) -> list[Place]:
    """All pages, with the names of what was filled in."""
    found = [*_planning(filled), *_approval(filled), *_publishing(filled), *_monitoring(filled), *_reporting()]
    found += [Place(room, path, OPERATOR) for room in ROOMS for path in ("/operations", "/audit")]
    return found + [Place(room, path, CONTRIBUTOR, 403) for room in ROOMS for path in ("/operations", "/audit")]


def _planning(filled: Filled) -> list[Place]:
    plans = [f"/plans/{plan_id}" for plan_id in filled.plans.values()]
    draft = f"/plans/{filled.plans['draft']}"
    parts = ("bases", "channels", "groups", "items?kind=ROUTINE", "items?kind=FOCAL")
    return [
        *(Place("planning", path, DRAFTER) for path in ("/", *plans)),
        *(Place("planning", f"{draft}/edit/{part}", DRAFTER) for part in parts),
        Place("planning", f"{draft}/edit/items?key=draft-routine-tin-web", DRAFTER),
        Place("planning", f"{draft}/edit/items/removal?key=draft-routine-tin-web", DRAFTER),
        Place("planning", f"{draft}/edit/channels/removal?key=VI_WEB", DRAFTER),
        Place("planning", f"{draft}?view=week&week=2026-11-20", DRAFTER),
        Place("planning", f"{draft}/move?key=draft-focal-nha-giao&to=2026-11-24", DRAFTER),
        Place("planning", f"/plans/{filled.plans['waiting']}/withdrawal", DRAFTER),
        Place("planning", f"/plans/{filled.plans['agreed']}/revisions/1", HEAD),
        *(Place("planning", "/calendar", who) for who in (DRAFTER, HEAD)),
        Place("planning", "/", CONTRIBUTOR),
        Place("planning", "/plans/none", DRAFTER, 404),
        Place("planning", "/nowhere", DRAFTER, 404),
    ]


def _approval(filled: Filled) -> list[Place]:
    reviews = [f"/reviews/{filled.plans[name]}" for name in ("agreed", "returned", "waiting")]
    return [
        *(Place("approval", path, HEAD) for path in ("/", *reviews)),
        Place("approval", f"/reviews/{filled.plans['agreed']}", RECTOR),
        Place("approval", f"/reviews/{filled.plans['waiting']}/links", HEAD),
        Place("approval", "/link?key=none", NOBODY, 404),
        Place("approval", "/", CONTRIBUTOR),
        Place("approval", "/sign-in", NOBODY),
        Place("approval", "/password", HEAD),
        Place("approval", "/accounts", ADMIN),
        Place("approval", f"/accounts/{filled.account}", ADMIN),
        Place("approval", "/accounts", HEAD, 403),
        Place("approval", "/reviews/none", HEAD, 404),
    ]


def _publishing(filled: Filled) -> list[Place]:
    shown, waiting = (f"/contents/{filled.contents[name]}" for name in ("shown", "waiting"))
    cell = obligation_id(filled.events["open"], "WEBSITE", "POST")
    office = (
        "/",
        f"/?cell={cell}",
        f"/?cell={cell}&seen_as=E_BOARD",
        "/batch",
        "/?only=soon",
        "/?only=overdue",
        "/contents",
        "/contents?which=waiting",
        "/contents?which=shown",
    )
    acts = ("record", "correct", "withdraw", "move", "failure")
    return [
        *(Place("publishing", path, EDITOR) for path in (*office, shown, waiting)),
        *(Place("publishing", f"{shown}/{act}", EDITOR) for act in acts),
        *(Place("publishing", f"{waiting}/{act}", CONTRIBUTOR) for act in ("edit", "new-photo")),
        *(Place("publishing", path, CONTRIBUTOR) for path in ("/", "/mine", "/submit", "/plan", waiting)),
        Place("publishing", f"/submit?event={filled.events['open']}", CONTRIBUTOR),
        *(Place("publishing", path, NOBODY) for path in ("/news", f"/news/{filled.contents['shown']}")),
        # the board turns by itself since nobody stands at it; whoever reads it elsewhere can make it stand still
        Place("publishing", "/board", NOBODY, but=("meta-refresh",)),
        Place("publishing", "/board?n=1&still=true", NOBODY),
        Place("publishing", "/news/none", NOBODY, 404),
        Place("publishing", "/contents/none", EDITOR, 404),
        Place("publishing", "/batch/none", EDITOR, 404),
    ]


def _monitoring(filled: Filled) -> list[Place]:
    events = [f"/events/{key}" for key in filled.events.values()]
    lists = (
        "/events?school_year=2025-2026",
        "/events?q=khong-co-su-kien-nao",
        "/obligations",
        "/obligations?school_year=2025-2026",
        "/obligations?state=MISSED",
        "/obligations?undated=true",
        "/obligations?school_year=1999-2000",
        "/compliance",
        "/compliance?school_year=2025-2026&by=unit",
        "/compliance?school_year=2025-2026&by=month",
        "/calendars?year=2026",
        "/calendars?day=2026-11-28",
        "/policies",
        "/what-if?school_year=2025-2026&policy=working",
        "/compliance?school_year=2025-2026&by=topic_area",
        "/directives",
        "/directives/new",
        "/plan-duties",
        "/proposals",
    )
    imports = ("/import", *(f"/import/{import_id}" for import_id in filled.imports.values()))
    return [
        *(Place("monitoring", path, OPERATOR) for path in ("/", *lists, "/events/new", "/quarantine", "/reminders")),
        *(Place("monitoring", path, HEAD) for path in ("/", *events)),
        Place("monitoring", f"/quarantine/{filled.quarantined}", OPERATOR),
        *(Place("monitoring", path, CONTRIBUTOR) for path in ("/", "/directives")),
        Place("monitoring", "/directives/new", CONTRIBUTOR, 403),
        Place("monitoring", "/directives/none", OPERATOR, 404),
        *(Place("monitoring", path, OPERATOR) for path in imports),
        Place("monitoring", "/import", RECTOR, 403),
        Place("monitoring", "/sources", ADMIN),
        Place("monitoring", "/intake", NOBODY),
        Place("monitoring", "/wall", OPERATOR),
        Place("monitoring", "/events/none", OPERATOR, 404),
        Place("monitoring", "/obligations?state=NONE", OPERATOR, 422),
    ]


def _reporting() -> list[Place]:
    last, this = f"/reports/{LAST_YEAR}", f"/reports/{THIS_YEAR}"
    return [
        *(Place("reporting", path, HEAD) for path in ("/", last, this, f"{last}/rows", f"{this}/rows")),
        Place("reporting", "/reports/1999-2000", HEAD),
        Place("reporting", last, CONTRIBUTOR, 403),
    ]


def forms_again(filled: Filled) -> list[FormAgain]:
    """One form of each kind."""
    draft, waiting = filled.plans["draft"], filled.plans["waiting"]
    return [
        FormAgain("approval", "/sign-in", NOBODY, "/sign-in"),
        FormAgain("approval", "/accounts", ADMIN, "/accounts"),
        FormAgain("approval", f"/reviews/{waiting}", HEAD, "/decisions"),
        FormAgain("planning", f"/plans/{draft}/edit/items?kind=FOCAL", DRAFTER, "/edit/items"),
        FormAgain("publishing", f"/submit?event={filled.events['open']}", CONTRIBUTOR, "/submit"),
        FormAgain("monitoring", "/events/new", OPERATOR, "/events/new"),
        FormAgain("monitoring", "/directives/new", OPERATOR, "/directives/new"),
        FormAgain("monitoring", f"/events/{filled.events['open']}", HEAD, "/waiver"),
    ]
