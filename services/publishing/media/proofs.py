"""The proof of what was published elsewhere: a picture, re-encoded, or a PDF, kept byte for byte under its digest.

It must never be handed on as something that a browser runs: a PDF goes out as a download alone.
"""

from dataclasses import dataclass
from hashlib import sha256

from services.chassis.decision import Refused
from services.publishing.media import photos
from services.publishing.refusals import refuse

PDF = "application/pdf"
LARGEST_BYTES = photos.LARGEST_BYTES
_HEAD, _END, _TAIL = b"%PDF-", b"%%EOF", 2048


@dataclass(frozen=True, slots=True)
class Proof:
    """A proof ready to be kept."""

    raw: bytes
    sha256: str
    media_type: str


async def prepare(raw: bytes) -> Proof:
    """Check a proof, and re-encode it when it is a picture.

    Raises:  Refused with a proof-* rule for a PDF, a photo-* rule for anything else.
    """
    if not raw.startswith(_HEAD):
        picture = await photos.prepare(raw)
        return Proof(picture.jpeg, picture.sha256, photos.MEDIA_TYPE)
    if len(raw) > LARGEST_BYTES:
        raise Refused(refuse("proof-too-heavy", megabytes=LARGEST_BYTES // 1024**2), status=413)
    if _END not in raw[-_TAIL:]:
        raise Refused(refuse("proof-damaged"))
    return Proof(raw, sha256(raw).hexdigest(), PDF)
