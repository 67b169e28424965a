"""What every answer and every unsafe request has to carry, as plain ASGI layers; it must never read a whole body."""

from collections.abc import Awaitable, Callable, Mapping
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import Request, cookie_parser
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

MIB = 1024 * 1024
SAFE_METHODS = ("GET", "HEAD", "OPTIONS", "TRACE")
Refuse = Callable[[Request], Awaitable[Response]]


def origin_of(url: str) -> str:
    """Scheme, host and port of an address, as browsers write an Origin."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}".lower()


def content_security_policy(form_origins: frozenset[str]) -> str:
    """No script or style but our files; forms go to the rooms, because a sign-in is answered with a way back."""
    rules = {
        "default-src": "'self'",
        "img-src": "'self' data:",
        "object-src": "'none'",
        "base-uri": "'none'",
        "frame-ancestors": "'none'",
        "form-action": " ".join(("'self'", *sorted(form_origins))),
    }
    return "; ".join(f"{name} {value}" for name, value in rules.items())


class SecurityHeaders:
    """Adds the headers that an answer does not set itself; pages are not kept by caches unless they say so."""

    def __init__(self, app: ASGIApp, *, form_origins: frozenset[str], static: str, is_tls: bool) -> None:
        self.app, self.static = app, static
        self.headers = {
            "Content-Security-Policy": content_security_policy(form_origins),
            "X-Content-Type-Options": "nosniff",
            "Referrer-Policy": "same-origin",
            "Cross-Origin-Opener-Policy": "same-origin",
            "Cache-Control": "no-store",
        }
        if is_tls:
            self.headers["Strict-Transport-Security"] = "max-age=31536000"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer with the headers."""

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                if scope["path"].startswith(self.static) and message["status"] < 400:
                    headers.setdefault("Cache-Control", "public, max-age=86400")
                for name, value in self.headers.items():
                    headers.setdefault(name, value)
            await send(message)

        await self.app(scope, receive, send_with_headers if scope["type"] == "http" else send)


class SameOrigin:
    """Refuses an unsafe request that a page of another origin made in a person's name.

    It passes with `Sec-Fetch-Site: same-origin` or an Origin of this room. Without the session cookie it passes
    too, unless a browser says that another site's page sent it (a sign-in forged from elsewhere).
    """

    def __init__(self, app: ASGIApp, *, own_origin: str, cookie: str, refuse: Refuse) -> None:
        self.app, self.own_origin, self.cookie, self.refuse = app, own_origin, cookie, refuse

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or refuse it."""
        if scope["type"] == "http" and scope["method"] not in SAFE_METHODS and not self._is_ours(scope):
            response = await self.refuse(Request(scope, receive))
            return await response(scope, receive, send)
        await self.app(scope, receive, send)

    def _is_ours(self, scope: Scope) -> bool:
        headers = Headers(scope=scope)
        site, origin = headers.get("sec-fetch-site"), headers.get("origin", "").lower()
        if site == "same-origin":
            return True
        if origin and origin in (self.own_origin, f"{scope['scheme']}://{headers.get('host', '').lower()}"):
            return True
        if any(self.cookie in cookie_parser(cookies) for cookies in headers.getlist("cookie")):
            return False
        return "authorization" in headers or (not origin and site in (None, "none"))


class BodyLimit:
    """Stops reading a body that is longer than its path allows; the answer is a 413.

    Shape:   limits is {beginning of the path: bytes}, the longest beginning counts; it may be added to later.
    """

    def __init__(self, app: ASGIApp, *, limits: Mapping[str, int]) -> None:
        self.app, self.limits = app, limits

    def limit_of(self, path: str) -> int:
        """How many bytes a request to the path may have."""
        longest = max((start for start in self.limits if path.startswith(start)), key=len, default="")
        return self.limits.get(longest, MIB)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on with a counting `receive`."""
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        root = scope.get("root_path", "")
        limit = self.limit_of(scope["path"].removeprefix(root) if root else scope["path"])
        stated = Headers(scope=scope).get("content-length", "")
        too_large = HTTPException(413, headers={"Connection": "close"})
        received = 0

        async def counting_receive() -> Message:
            nonlocal received
            if stated.isdecimal() and int(stated) > limit:
                raise too_large
            message = await receive()
            received += len(message.get("body", b""))
            if received > limit:
                raise too_large
            return message

        await self.app(scope, counting_receive, send)
