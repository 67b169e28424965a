"""Records of the topics on disk, those of one event in one file: more events than memory holds, one file at a time.

Never kept: the folder is emptied at the start and at the end.
"""

import shutil
from collections.abc import Iterator
from pathlib import Path
from struct import Struct
from typing import BinaryIO, NamedTuple
from zlib import crc32

HEAD = Struct("<BHI")
BUFFER_BYTES = 1 << 17
RECORDS_IN_BUCKET = 25_000
MOST_BUCKETS = 400  # open files
_BEGINNINGS = {b"%03x" % number: number for number in range(16**3)}


class Line(NamedTuple):
    """One record of a topic, its name as in the contract."""

    topic: str
    key: bytes
    value: bytes


class Buckets:
    """The files of one rebuild."""

    def __init__(self, folder: Path, topics: tuple[str, ...], count: int) -> None:
        self.folder, self._topics, self.count = folder, topics, count
        self._numbers = {topic: number for number, topic in enumerate(topics)}
        self._files: dict[int, BinaryIO] = {}

    def open(self, without: frozenset[int]) -> None:
        """Make the files anew, those left out that are done with."""
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(parents=True)
        for bucket in range(self.count):
            if bucket not in without:
                self._files[bucket] = self._path(bucket).open("wb", buffering=BUFFER_BYTES)

    def add(self, line: Line) -> None:
        """Put a record to the others of its key."""
        file = self._files.get(self._bucket_of(line.key))
        if file is not None:
            file.write(HEAD.pack(self._numbers[line.topic], len(line.key), len(line.value)) + line.key + line.value)

    def _bucket_of(self, key: bytes) -> int:
        """The bucket of a key: event keys one after the other are in buckets one after the other.

        What comes in the order of its ids costs a database less work. Another way of spreading needs another name
        of the notes (`staging.STATE`).
        """
        number = _BEGINNINGS.get(key[:3])  # event keys are hexadecimal, and evenly spread
        if number is None:
            number = crc32(key) % len(_BEGINNINGS)
        return number * self.count // len(_BEGINNINGS)

    def close(self) -> None:
        """Write down what is held back."""
        for file in self._files.values():
            file.close()
        self._files.clear()

    def read(self, bucket: int) -> Iterator[Line]:
        """The records of one bucket, in the order in which they were added."""
        with self._path(bucket).open("rb", buffering=BUFFER_BYTES) as file:
            while head := file.read(HEAD.size):
                topic, key_bytes, value_bytes = HEAD.unpack(head)
                yield Line(self._topics[topic], file.read(key_bytes), file.read(value_bytes))

    def forget(self, bucket: int) -> None:
        """Remove the file of a bucket that is done with."""
        self._path(bucket).unlink(missing_ok=True)

    def remove(self) -> None:
        """Remove the folder."""
        self.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _path(self, bucket: int) -> Path:
        return self.folder / f"{bucket:04d}.records"


def buckets_for(records: int) -> int:
    """How many files so many records are spread over."""
    return max(1, min(MOST_BUCKETS, -(-records // RECORDS_IN_BUCKET)))
