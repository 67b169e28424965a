"""What the processes of one test run share: the first that needs it makes it and, after the last, takes it away.

Never something that cannot be told in a pickle: another process gets a copy of its description, not the thing.
"""

import fcntl
import pickle
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import TypeVar, cast

T = TypeVar("T")


@contextmanager
def shared(folder: Path, make: Callable[[], AbstractContextManager[T]]) -> Iterator[T]:
    """The description of what stands there, in every process that names the same folder.

    Whoever made it waits at the end of its own use for all others; the kernel lets go of the locks of one that died.
    """
    folder.mkdir(exist_ok=True)
    told = folder / "told"
    with (folder / "door").open("w") as door, (folder / "users").open("w") as users:
        fcntl.flock(door, fcntl.LOCK_EX)
        if told.exists():
            found = cast("T", pickle.loads(told.read_bytes()))
            fcntl.flock(users, fcntl.LOCK_SH)
            fcntl.flock(door, fcntl.LOCK_UN)
            yield found
            return
        with make() as made:
            told.write_bytes(pickle.dumps(made))
            fcntl.flock(door, fcntl.LOCK_UN)
            try:
                yield made
            finally:
                fcntl.flock(door, fcntl.LOCK_EX)  # nobody comes any more
                told.unlink()
                fcntl.flock(users, fcntl.LOCK_EX)
