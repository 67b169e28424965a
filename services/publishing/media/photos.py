"""The photo pipeline: what a contributor sends comes out as a plain JPEG without metadata, or is refused.

It must never keep, or hand on, a byte as it was sent: only decoded pixels survive.
"""

import asyncio
import hashlib
import io
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from PIL import Image, ImageOps

from services.chassis.decision import Refused
from services.publishing.refusals import refuse

LARGEST_BYTES = 12 * 1024 * 1024
LARGEST_PIXELS = 40_000_000  # a phone's best camera; 120 MB once decoded
SMALLEST_SIDE = 16
KEPT_SIDE = 2048
SMALL_SIDE = 640
QUALITY = 85
MEDIA_TYPE = "image/jpeg"

# One photo is decoded at a time: the memory that photos can take is bounded, whoever sends how many.
_WORKER = ThreadPoolExecutor(max_workers=1, thread_name_prefix="photo")

# What a file begins with that is a photo of a kind we take.
_KINDS: tuple[tuple[str, Callable[[bytes], bool]], ...] = (
    ("JPEG", lambda raw: raw.startswith(b"\xff\xd8\xff")),
    ("PNG", lambda raw: raw.startswith(b"\x89PNG\r\n\x1a\n")),
    ("WEBP", lambda raw: raw.startswith(b"RIFF") and raw[8:12] == b"WEBP"),
)
# What makes a file at the same time a page, a script, a document or (at its end) an archive.
# Each is long enough not to occur by chance in 12 MiB of compressed pixels.
_FOREIGN = (b"<script", b"<html", b"<!doctype", b"<?php", b"<iframe", b"%pdf-")
_ARCHIVE_END, _ARCHIVE_TAIL = b"PK\x05\x06", 65_557


@dataclass(frozen=True, slots=True)
class Picture:
    """A photo ready to be kept: JPEG bytes, their digest, their size in pixels, and a small rendition."""

    jpeg: bytes
    small: bytes
    sha256: str
    width: int
    height: int


async def prepare(raw: bytes) -> Picture:
    """Check and re-encode a photo, in a thread of its own.

    Raises:  Refused with a photo-* rule.
    """
    return await asyncio.get_running_loop().run_in_executor(_WORKER, clean, raw)


def clean(raw: bytes) -> Picture:
    """Check and re-encode a photo: upright, RGB, no side longer than KEPT_SIDE, no metadata; blocks.

    Raises:  Refused with a photo-* rule.
    """
    if not raw:
        raise Refused(refuse("photo-missing"))
    if len(raw) > LARGEST_BYTES:
        raise Refused(refuse("photo-too-heavy", megabytes=LARGEST_BYTES // 1024**2), status=413)
    kind = next((name for name, is_one in _KINDS if is_one(raw)), None)
    if kind is None:
        raise Refused(refuse("photo-unknown-kind"), status=415)
    lowered = raw.lower()
    if any(sign in lowered for sign in _FOREIGN) or _ARCHIVE_END in raw[-_ARCHIVE_TAIL:]:
        raise Refused(refuse("photo-polyglot"))
    try:
        return _encode(_decode(raw, kind))
    except Refused:
        raise
    except Image.DecompressionBombError as error:
        raise Refused(refuse("photo-too-large", megapixels=LARGEST_PIXELS // 1_000_000)) from error
    except Exception as error:  # a decoder raises anything on hostile bytes; the file's fault, never ours
        raise Refused(refuse("photo-damaged")) from error


def _decode(raw: bytes, kind: str) -> Image.Image:
    """The pixels, upright; nothing is decoded before the header's size was judged."""
    with Image.open(io.BytesIO(raw), formats=(kind,)) as image:
        width, height = image.size
        if width * height > LARGEST_PIXELS:
            raise Refused(refuse("photo-too-large", megapixels=LARGEST_PIXELS // 1_000_000))
        if min(width, height) < SMALLEST_SIDE:
            raise Refused(refuse("photo-too-small", pixels=SMALLEST_SIDE))
        image.draft("RGB", (KEPT_SIDE, KEPT_SIDE))
        image.load()
        upright = ImageOps.exif_transpose(image) or image
        upright.thumbnail((KEPT_SIDE, KEPT_SIDE))
        return _opaque(upright)


def _opaque(image: Image.Image) -> Image.Image:
    if image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info:
        over = image.convert("RGBA")
        ground = Image.new("RGBA", over.size, "white")
        return Image.alpha_composite(ground, over).convert("RGB")
    return image.convert("RGB")


def _encode(image: Image.Image) -> Picture:
    """A new picture of the pixels alone: what else the file carried is left behind."""
    bare = Image.frombytes("RGB", image.size, image.tobytes())
    small = bare.copy()
    small.thumbnail((SMALL_SIDE, SMALL_SIDE))
    jpeg = _jpeg(bare)
    return Picture(jpeg, _jpeg(small), hashlib.sha256(jpeg).hexdigest(), *bare.size)


def _jpeg(image: Image.Image) -> bytes:
    out = io.BytesIO()
    image.save(out, "JPEG", quality=QUALITY, optimize=True, progressive=True)
    return out.getvalue()
