"""The databases of a test run: made once in a process and emptied for each test; their indexes take longer than a test.

Never a name that another process of the run has.
"""

import itertools
import uuid

from services.chassis.app import Service

STEM = f"t{uuid.uuid4().hex[:8]}"
SHARED_PREFIX = f"{STEM}_"
_numbers = itertools.count(1)


def own_prefix() -> str:
    """A prefix for databases that must outlive a test, or stand beside the shared ones."""
    return f"{STEM}n{next(_numbers)}_"


async def make_empty(service: Service) -> None:
    """Give the service its collections and indexes, with nothing in them, and nobody signed in."""
    await service.store.prepare()
    for name in await service.store.database.list_collection_names():
        await service.store.database[name].delete_many({})
    await service.sessions.delete_many({})
