"""`make audit`: logs of acts held against their chains and against heads kept elsewhere, running or from a file.

It must never write to a database, and for a file it needs nothing that runs.
"""

import json
import re
from collections.abc import Collection, Iterable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from pymongo import MongoClient
from pymongo.errors import PyMongoError
from pymongo.read_concern import ReadConcern

from deploy.local.commands import running_setup
from deploy.local.say import Say
from deploy.local.settings import Setup
from deploy.local.trouble import Trouble
from services.chassis.audit.chain import Entry, Head, parse_head
from services.chassis.audit.chaining import HEAD, entry_of
from services.chassis.audit.verifying import Verification, read_lines, verify, write_line

INTACT, NOT_INTACT = 0, 3
HEAD_LINE = re.compile(r'"event": "audit head"')


def run(*, service: str, export: str, file: str, head: str) -> int:
    """Verify the file, else the log of the service, else those of all; 0 when intact, 3 when not."""
    try:
        heads = [parse_head(head)] if head else []
    except ValueError as error:
        raise Trouble(f"{head!r} is no head", why=str(error), do="Give it as make audit printed it.") from None
    if file:
        return verify_file(Path(file), heads)
    if (export or head) and not service:
        raise Trouble("a head and an export are of one service's log", do="Name it too: make audit S=approval ...")
    setup = running_setup()
    if service and service not in setup.service_ports:
        raise Trouble(f"there is no service {service!r}", do="make audit S=" + "|".join(setup.service_ports))
    names = [service] if service else list(setup.service_ports)
    try:
        codes = [verify_running(setup, name, heads, export=export) for name in names]
    except PyMongoError as error:
        raise Trouble("MongoDB does not answer", why=str(error).split(" (configured", maxsplit=1)[0]) from error
    return max(codes)


def verify_file(file: Path, heads: Collection[Head]) -> int:
    """Verify an exported log."""
    try:
        with file.open(encoding="utf-8", newline="\n") as lines:
            checked = verify(read_lines(lines), heads)
    except (OSError, UnicodeError) as error:
        raise Trouble(f"{file} cannot be read", why=str(error)) from error
    return tell(file.name, checked, known=len(heads))


def tell(name: str, checked: Verification, *, known: int) -> int:
    """Say what a verification found, and return the exit code."""
    say = Say()
    if checked.faults:
        say(f"{name}: NOT INTACT, {checked.count} entries read")
        for fault in checked.faults:
            say(f"  {fault}")
        if checked.fault_count > len(checked.faults):
            say(f"  ... {checked.fault_count} faults in all")
        say("  do:   Change nothing. Keep this database and its backups, and compare with an earlier export.")
        return NOT_INTACT
    held = f", held against {known} kept {'head' if known == 1 else 'heads'}" if known else ""
    say(f"{name}: {checked.count} entries, intact{held}")
    say(f"  head: {checked.head}")
    if not known:
        say("  No kept head was known, so nobody can tell whether the end was cut off: keep this one, give it as HEAD=")
    return INTACT


def kept_heads(setup: Setup, database: str) -> set[Head]:
    """The heads that a service wrote into its log file: they are not where the database is.

    A MongoDB of somebody else's may hold another installation by now than when the log was written: none then.
    """
    found = set()
    service = database.removeprefix(setup.mongo_prefix)
    files = () if setup.outside_mongo else (setup.folder / "log").glob(f"{service}.log*")
    for line in (line for file in files for line in file.read_text(errors="replace").splitlines()):
        if HEAD_LINE.search(line):
            told = json.loads(line)
            found |= {parse_head(told["head"])} if told["database"] == database else set()
    return found


def verify_running(setup: Setup, service: str, heads: Iterable[Head], *, export: str = "") -> int:
    """Verify a service's log in its database against its kept heads, and export it on the way."""
    database, say = f"{setup.mongo_prefix}{service}", Say()
    known = kept_heads(setup, database) | set(heads)
    with ExitStack() as stack:
        client: Any = stack.enter_context(MongoClient(setup.mongo_url, tz_aware=True, serverSelectionTimeoutMS=10_000))
        stored = client[database]["chain"].find_one({"_id": HEAD})
        told = known | ({Head(stored["n"], stored["hash"])} if stored else set())
        entries = _entries(client[database])
        if export:
            out = stack.enter_context(Path(export).open("w", encoding="utf-8", newline="\n"))
            entries = _written(entries, out)
        checked = verify(entries, told)
        waiting = client[database]["acts"].count_documents({"n": 0})
    code = tell(service, checked, known=len(known))
    if waiting:
        say(f"  {waiting} acts are put down and not chained yet")
    if export:
        say(f"  written to {export}; elsewhere: make audit VERIFY={export} HEAD={checked.head}")
    return code


def _entries(database: Any) -> Iterator[Entry]:
    acts = database.get_collection("acts", read_concern=ReadConcern("majority"))
    return map(entry_of, acts.find({"n": {"$gt": 0}}, sort=[("n", 1)]))


def _written(entries: Iterable[Entry], out: Any) -> Iterator[Entry]:
    for entry in entries:
        out.write(write_line(entry))
        yield entry
