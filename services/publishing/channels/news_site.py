"""The built-in public news site as the channel VI_WEB; it must never show what no editor published."""

from contracts.codes import Channel
from contracts.publishing import Evidence
from services.chassis.unit import Unit
from services.publishing.pages import MEDIA_TYPE, NewsPage


class NewsSite:
    """Keeps pages in `news` and the bytes of everything it ever showed in `evidence`."""

    code = Channel.VI_WEB

    def __init__(self, public_url: str, proof_url: str) -> None:
        self._public_url, self._proof_url = public_url, proof_url

    def address(self, content_id: str) -> str:
        """Where readers find the page."""
        return f"{self._public_url}/news/{content_id}"

    def proof(self, shown: NewsPage) -> Evidence:
        """The digest of the page in RFC 8785 form; the bytes are kept for ever, also of withdrawn pages."""
        sha256 = shown.digest()
        return Evidence(sha256=sha256, media_type=MEDIA_TYPE, href=f"{self._proof_url}/{sha256}")

    async def show(self, unit: Unit, shown: NewsPage) -> None:
        """Put the page in the place of what the site showed under its id, and keep its bytes as proof."""
        await unit.get("news", shown.content_id)
        unit.put("news", shown.to_doc())
        proof = {"_id": shown.digest(), "content_id": shown.content_id, "body": shown.to_bytes()}
        if await unit.get("evidence", proof["_id"]) is None:
            unit.put("evidence", proof)

    async def take_down(self, unit: Unit, content_id: str) -> None:
        """Remove the page; its proof stays."""
        if await unit.get("news", content_id):
            unit.delete("news", content_id)
