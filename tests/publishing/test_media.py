"""The photo pipeline on real images: what is kept is a bare JPEG; what is no photo is refused."""

import hashlib
import io
import struct
import zipfile
import zlib
from collections.abc import Callable

import pytest
from PIL import Image, PngImagePlugin

from services.chassis.decision import Refused
from services.publishing.media import photos as media

GPS, ORIENTATION, ARTIST = 0x8825, 0x0112, 0x013B


def picture(size: tuple[int, int] = (320, 240), mode: str = "RGB") -> Image.Image:
    """Red on the left, blue on the right."""
    image = Image.new(mode, size, "red")
    image.paste("blue", (size[0] // 2, 0, *size))
    return image


def encoded(kind: str, image: Image.Image | None = None, **options: object) -> bytes:
    """The image as a file."""
    out = io.BytesIO()
    (image or picture()).save(out, kind, **options)
    return out.getvalue()


def refused(raw: bytes) -> str:
    """The rule that refuses the file."""
    with pytest.raises(Refused) as caught:
        media.clean(raw)
    (refusal,) = caught.value.refusals
    return refusal.rule


def exif() -> Image.Exif:
    """Where and by whom a photo was taken, and that it lies on its side."""
    data = Image.Exif()
    data[ARTIST] = "SECRET-PERSON"
    data[ORIENTATION] = 6
    data.get_ifd(GPS).update({1: "N", 2: (10.0, 51.0, 0.5), 3: "E", 4: (106.0, 46.0, 0.5)})
    return data


def test_position_person_and_every_other_metadata_are_gone() -> None:
    raw = encoded("JPEG", exif=exif(), comment=b"SECRET-COMMENT", icc_profile=b"SECRET-PROFILE" * 20)
    assert Image.open(io.BytesIO(raw)).getexif().get_ifd(GPS), "the fixture must carry a position"
    kept = media.clean(raw)
    image = Image.open(io.BytesIO(kept.jpeg))
    assert not image.getexif()
    assert set(image.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density", "progressive", "progression"}
    assert b"SECRET" not in kept.jpeg
    assert b"Exif" not in kept.jpeg


def test_the_photo_stands_upright() -> None:
    kept = media.clean(encoded("JPEG", exif=exif(), quality=95))
    assert (kept.width, kept.height) == (240, 320)
    red, _, blue = Image.open(io.BytesIO(kept.jpeg)).convert("RGB").getpixel((120, 20))  # type: ignore[misc]
    assert red > 200
    assert blue < 60, "the left side of the sensor is the top of the photo"


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_each_kind_becomes_a_jpeg_known_by_its_digest(kind: str) -> None:
    kept = media.clean(encoded(kind))
    assert Image.open(io.BytesIO(kept.jpeg)).format == "JPEG"
    assert kept.sha256 == hashlib.sha256(kept.jpeg).hexdigest()
    assert media.clean(encoded(kind)) == kept, "the same file again is the same photo"


def test_transparent_parts_become_white() -> None:
    kept = media.clean(encoded("PNG", Image.new("RGBA", (64, 64), (0, 0, 0, 0))))
    assert Image.open(io.BytesIO(kept.jpeg)).getpixel((30, 30)) == (255, 255, 255)


def test_a_large_photo_is_made_smaller() -> None:
    kept = media.clean(encoded("JPEG", picture((4200, 2100))))
    assert (kept.width, kept.height) == (media.KEPT_SIDE, media.KEPT_SIDE // 2)


def chunk(kind: bytes, body: bytes) -> bytes:
    """A chunk of a PNG file."""
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def bomb(side: int) -> bytes:
    """A PNG of a few kilobytes that says it is `side` pixels wide and high."""
    header = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    pixels = zlib.compress(bytes(1_000_000), 9)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


def with_text(text: str) -> bytes:
    """A PNG that carries a text."""
    info = PngImagePlugin.PngInfo()
    info.add_text("Comment", text)
    return encoded("PNG", pnginfo=info)


def archive() -> bytes:
    """A ZIP file."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as file:
        file.writestr("run.sh", "echo")
    return out.getvalue()


HOSTILE: tuple[tuple[str, Callable[[], bytes], str], ...] = (
    ("nothing", lambda: b"", "photo-missing"),
    ("a text", lambda: b"GIF89a is a greeting", "photo-unknown-kind"),
    ("a GIF", lambda: encoded("GIF", picture().convert("P")), "photo-unknown-kind"),
    ("a TIFF", lambda: encoded("TIFF"), "photo-unknown-kind"),
    ("an SVG", lambda: b'<svg xmlns="http://www.w3.org/2000/svg"/>', "photo-unknown-kind"),
    ("a page named as a photo", lambda: b"<!doctype html><script>alert(1)</script>", "photo-unknown-kind"),
    ("a JPEG and a page", lambda: encoded("JPEG") + b"<HTML><body>", "photo-polyglot"),
    ("a JPEG with a script in its comment", lambda: encoded("JPEG", comment=b"<script>x</script>"), "photo-polyglot"),
    ("a PNG with PHP in its text", lambda: with_text("<?php system($_GET['c']); ?>"), "photo-polyglot"),
    ("a JPEG and an archive", lambda: encoded("JPEG") + archive(), "photo-polyglot"),
    ("a JPEG and a document", lambda: encoded("JPEG", comment=b"%PDF-1.7 1 0 obj"), "photo-polyglot"),
    ("a bomb of 2.5 gigapixels", lambda: bomb(50_000), "photo-too-large"),
    ("a bomb just past the limit", lambda: bomb(6_400), "photo-too-large"),
    ("a bomb that ends early", lambda: bomb(6_000), "photo-damaged"),
    ("half a JPEG", lambda: encoded("JPEG")[:800], "photo-damaged"),
    ("a JPEG head and noise", lambda: b"\xff\xd8\xff\xe0" + bytes(range(256)) * 8, "photo-damaged"),
    ("a PNG head alone", lambda: b"\x89PNG\r\n\x1a\n", "photo-damaged"),
    ("a RIFF that says WEBP", lambda: b"RIFF\x10\x00\x00\x00WEBPVP8 " + bytes(30), "photo-damaged"),
    ("a dot", lambda: encoded("PNG", picture((8, 8))), "photo-too-small"),
    ("too many bytes", lambda: encoded("JPEG") + bytes(media.LARGEST_BYTES), "photo-too-heavy"),
)


@pytest.mark.parametrize(("make", "rule"), [row[1:] for row in HOSTILE], ids=[row[0] for row in HOSTILE])
def test_what_is_no_photo_is_refused(make: Callable[[], bytes], rule: str) -> None:
    assert refused(make()) == rule


async def test_photos_are_prepared_beside_the_event_loop() -> None:
    assert await media.prepare(encoded("JPEG")) == media.clean(encoded("JPEG"))
