"""What went wrong, in words of the reader's language: refusals, faults of fields, problem+json (RFC 9457).

It must never show an exception's own text, nor what was sent.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from http import HTTPStatus
from typing import Any

from fastapi import Request
from fastapi.responses import JSONResponse

from services.chassis.decision import Refusal
from services.chassis.web.i18n import N_, Catalogue

MEDIA_TYPE = "application/problem+json"
TITLES = {
    400: N_("Yêu cầu không đọc được"),
    401: N_("Bạn cần đăng nhập"),
    403: N_("Bạn chưa có quyền làm việc này"),
    404: N_("Không tìm thấy"),
    405: N_("Địa chỉ này không nhận thao tác đó"),
    409: N_("Nội dung đã thay đổi từ lúc bạn mở trang"),
    413: N_("Nội dung gửi lên quá lớn"),
    415: N_("Kiểu nội dung này không được nhận"),
    422: N_("Chưa làm được, cần sửa"),
    429: N_("Quá nhiều lần thử"),
    500: N_("Hệ thống gặp lỗi khi làm việc này"),
    503: N_("Dịch vụ chưa trả lời được"),
}
REMEDIES = {
    400: N_("Tải lại trang rồi làm lại."),
    404: N_("Xem lại địa chỉ, hoặc về trang đầu của phòng."),
    413: N_("Gửi tệp nhỏ hơn, hoặc rút ngắn nội dung."),
    500: N_("Thử lại; nếu vẫn lỗi, gửi mã này cho người vận hành."),
    503: N_("Đợi một lát rồi tải lại trang. Việc đã lưu không mất."),
}
_PICK = N_("Chọn một giá trị có trong danh sách.")
_FILL = N_("Điền rồi gửi lại.")
# pydantic's kind of error, or a kind of _SAID -> what is wrong, what to do; places are filled from its context
FIELD_FAULTS: dict[str, tuple[str, str]] = {
    "missing": (N_("Thiếu thông tin này."), _FILL),
    "blank": (N_("Để trống."), _FILL),
    "string-too-short": (N_("Ngắn hơn %(min_length)s ký tự."), _FILL),
    "string-too-long": (N_("Dài hơn %(max_length)s ký tự."), N_("Rút ngắn lại.")),
    "character": (N_("Có ký tự không được dùng: %(character)s."), N_("Xóa ký tự đó.")),
    "string-pattern-mismatch": (N_("Không đúng dạng cần có."), N_("Xem gợi ý ở ô này rồi sửa lại.")),
    "enum": (N_("Không nằm trong danh sách cho phép."), _PICK),
    "literal-error": (N_("Không nằm trong danh sách cho phép."), _PICK),
    "int-parsing": (N_("Phải là số nguyên."), N_("Nhập bằng chữ số, như 12.")),
    "time": (N_("Không phải ngày giờ có trong lịch."), N_("Nhập như 24/11/2026 16:00.")),
    "address": (N_("Không phải địa chỉ trang web."), N_("Dán địa chỉ bắt đầu bằng https://.")),
    "json-invalid": (N_("Không phải JSON."), N_("Kiểm tra dấu ngoặc, dấu phẩy và mã UTF-8.")),
}
ANY_FAULT = (N_("Giá trị không đúng."), N_("Sửa lại giá trị này."))
# The sentences of contracts.fields and contracts.times, by the kind of fault they tell of.
_SAID = (
    (r"must not be blank", "blank"),
    (r"has more than (?P<max_length>\d+) characters", "string-too-long"),
    (r"has a character that is not allowed: (?P<character>U\+[0-9A-F]+)", "character"),
    (r"\btime\b", "time"),
    (r"\baddress\b|user part|blanks", "address"),
)


_TEXT, _FAULT = {"type": "string"}, ("pointer", "rule", "detail", "fix")
_ERROR = {"type": "object", "required": list(_FAULT), "properties": dict.fromkeys(_FAULT, _TEXT)}
_SCHEMA = {
    "type": "object",
    "required": ["type", "title", "status", "detail", "code", "errors"],
    "properties": {
        **dict.fromkeys(("type", "title", "detail", "code"), _TEXT),
        "status": {"type": "integer"},
        "errors": {"type": "array", "items": _ERROR},
    },
}


def described(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """How an OpenAPI document describes the refusals of a door: `APIRouter(responses=described(401, 403, 422))`."""
    content = {MEDIA_TYPE: {"schema": _SCHEMA}}
    return {status: {"description": HTTPStatus(status).phrase, "content": content} for status in statuses}


class Problem(Exception):
    """A request that cannot be answered as asked, with the refusals that say why."""

    def __init__(self, status: int, *refusals: Refusal, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(f"{status} {'; '.join(refusal.rule for refusal in refusals)}")
        self.status, self.refusals, self.headers = status, refusals, dict(headers or {})


@dataclass(frozen=True, slots=True)
class Fault:
    """A refusal in the reader's language, as pages and problem+json show it."""

    pointer: str
    rule: str
    detail: str
    fix: str

    @property
    def field(self) -> str:
        """The name of the form's field that is meant; empty when it is not one field."""
        return self.pointer.rpartition("/")[2]


@dataclass(frozen=True, slots=True)
class Trouble:
    """A problem in the reader's language. Shape: `code` is the first rule's, or http-<status>."""

    status: int
    title: str
    faults: tuple[Fault, ...]
    remedy: str
    headers: Mapping[str, str]

    @property
    def code(self) -> str:
        """What to report."""
        return self.faults[0].rule if self.faults else f"http-{self.status}"

    def to_json(self) -> JSONResponse:
        """The problem as RFC 9457 has it, with all faults."""
        detail = f"{self.faults[0].detail} {self.faults[0].fix}".strip() if self.faults else self.remedy
        body = {"type": "about:blank", "title": self.title, "status": self.status, "detail": detail, "code": self.code}
        errors = [asdict(fault) for fault in self.faults]
        return JSONResponse({**body, "errors": errors}, self.status, dict(self.headers), MEDIA_TYPE)


def tell(problem: Problem, catalogue: Catalogue, language: str) -> Trouble:
    """The problem in the reader's language."""

    def said(text: str, **params: object) -> str:
        return catalogue.gettext(language, text, **params) if text else ""

    faults = tuple(
        Fault(one.pointer, one.rule, said(one.detail, **one.params), said(one.fix, **one.params))
        for one in problem.refusals
    )
    headers = {"WWW-Authenticate": 'Cookie realm="publicity"'} if problem.status == 401 else {}
    headers |= problem.headers
    title = TITLES.get(problem.status, TITLES[500 if problem.status >= 500 else 400])
    return Trouble(problem.status, said(title), faults, said(REMEDIES.get(problem.status, "")), headers)


def field_refusals(errors: Sequence[Mapping[str, Any]], *, skip: int = 0) -> tuple[Refusal, ...]:
    """What pydantic found, as refusals with pointers.

    Shape:   skip is how many leading parts of a place are no field (1 for FastAPI's "body", "query", "path").
    """
    return tuple(_field_refusal(error, skip) for error in errors)


def _field_refusal(error: Mapping[str, Any], skip: int) -> Refusal:
    kind, params = str(error["type"]).replace("_", "-"), dict(error.get("ctx", {}))
    for pattern, name in _SAID if kind == "value-error" else ():
        found = re.search(pattern, str(error["msg"]))
        if found:
            kind, params = name, found.groupdict()
            break
    detail, fix = FIELD_FAULTS.get(kind, ANY_FAULT)
    places = [] if kind == "json-invalid" else error["loc"][skip:]
    return Refusal(kind, detail, pointer_to(*places), fix, params)


def pointer_to(*parts: str | int) -> str:
    """The JSON pointer (RFC 6901) of nested names and places."""
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in parts)


def prefers_json(request: Request) -> bool:
    """Whether the answer is JSON: all under /api, and whoever asks for JSON before a page."""
    path = request.url.path.removeprefix(request.scope.get("root_path", ""))
    if path == "/api" or path.startswith("/api/"):
        return True
    accept = request.headers.get("accept", "")
    json_at, html_at = accept.find("json"), accept.find("text/html")
    return json_at >= 0 and (html_at < 0 or json_at < html_at)
