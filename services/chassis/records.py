"""Records whose header names are no UTF-8: aiokafka raises on one, loses the good ones before it and reads no further.

It must never change a record that aiokafka can read.
"""

from collections.abc import Iterator
from typing import Any

from aiokafka.consumer import fetcher
from aiokafka.errors import CorruptRecordException
from aiokafka.record.default_records import _DefaultRecordBatchPy
from aiokafka.record.memory_records import MemoryRecords

LENGTH_AT, FRAME = 8, 12  # a batch on the wire: its first offset, the length of what follows, what follows


def read_leniently() -> None:
    """Make every consumer of this process read such names with their odd bytes written as escapes."""
    fetcher.MemoryRecords = LenientRecords


class LenientRecords(MemoryRecords):  # type: ignore[misc]
    """The batches of one answer of the broker."""

    def __init__(self, data: bytes) -> None:
        super().__init__(data)
        self._rest = memoryview(data)

    def next_batch(self) -> Any:
        """The next batch; its bytes are kept at hand until it has been read."""
        batch = super().next_batch()
        size = FRAME + int.from_bytes(self._rest[LENGTH_AT:FRAME], "big")
        raw, self._rest = self._rest[:size], self._rest[size:]
        is_plain = batch is None or not hasattr(batch, "is_control_batch") or batch.is_control_batch
        return batch if is_plain else _Batch(batch, raw)


class _Batch:
    """A batch that is read a second time, in Python, when the fast way meets a name that is no text."""

    def __init__(self, batch: Any, raw: memoryview) -> None:
        self._batch, self._raw = batch, raw

    def __getattr__(self, name: str) -> Any:
        return getattr(self._batch, name)

    def __iter__(self) -> Iterator[Any]:
        read = 0
        try:
            for record in self._batch:
                read += 1
                yield record
        except (UnicodeDecodeError, CorruptRecordException):
            again = _DefaultRecordBatchPy(self._raw)
            again._maybe_uncompress()
            again._buffer = _Bytes(again._buffer)
            yield from list(again)[read:]


class _Bytes(bytearray):
    """Bytes in which every name can be read."""

    def __getitem__(self, place: Any) -> Any:
        found = super().__getitem__(place)
        return _Bytes(found) if isinstance(place, slice) else found

    def decode(self, *_: Any) -> str:
        """The text, what is none of it as escapes."""
        return super().decode("utf-8", "backslashreplace")
