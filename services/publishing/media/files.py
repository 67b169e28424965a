"""Where the bytes are: photos and proofs in their buckets, each under the digest of its bytes.

It must never say who may see a file: who asks here has been let in.
"""

from typing import TYPE_CHECKING

from gridfs.errors import NoFile

from services.publishing.media.photos import MEDIA_TYPE, Picture
from services.publishing.media.proofs import Proof

if TYPE_CHECKING:
    from services.chassis.store import Store

PHOTOS, PROOFS = "media", "proofs"


async def keep_photo(store: "Store", picture: Picture) -> None:
    """Store the photo under its digest, and its small rendition beside it."""
    await _keep(store, PHOTOS, _small(picture.sha256), raw=picture.small, media_type=MEDIA_TYPE)
    await _keep(store, PHOTOS, picture.sha256, raw=picture.jpeg, media_type=MEDIA_TYPE)


async def photo(store: "Store", sha256: str, *, is_small: bool = False) -> bytes | None:
    """The bytes of a kept photo, or None."""
    found = await _found(store, PHOTOS, _small(sha256) if is_small else sha256)
    return found[0] if found else None


async def keep_proof(store: "Store", proof: Proof) -> None:
    """Store the proof under its digest."""
    await _keep(store, PROOFS, proof.sha256, raw=proof.raw, media_type=proof.media_type)


async def proof(store: "Store", sha256: str) -> tuple[bytes, str] | None:
    """The bytes of a kept proof and their media type, or None."""
    return await _found(store, PROOFS, sha256)


def _small(sha256: str) -> str:
    return f"{sha256}-small"


async def _keep(store: "Store", bucket_name: str, name: str, *, raw: bytes, media_type: str) -> None:
    """Store the bytes once; what a cut-off upload left behind is never found by its name."""
    bucket = store.bucket(bucket_name)
    if not await bucket.find({"filename": name}, limit=1).to_list(1):
        await bucket.upload_from_stream(name, raw, metadata={"media_type": media_type})


async def _found(store: "Store", bucket_name: str, name: str) -> tuple[bytes, str] | None:
    try:
        stream = await store.bucket(bucket_name).open_download_stream_by_name(name)
    except NoFile:
        return None
    return bytes(await stream.read()), str((stream.metadata or {}).get("media_type", ""))
