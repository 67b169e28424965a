"""Kafka's jars: fetched once by jgo from Maven's central repository; never taken without a check against the lock."""

import fcntl
import hashlib
import json
import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import requests
from jgo.maven import MavenContext, PythonResolver
from jgo.parse import Endpoint

from deploy.local.say import Say
from deploy.local.trouble import Trouble

LOCK = Path(__file__).with_name("kafka.lock.json")
WANTED = ("org.apache.kafka:kafka_2.13:4.3.1", "org.slf4j:slf4j-simple:1.7.36")
CHUNK_BYTES = 1 << 20


@dataclass(frozen=True)
class Jar:
    """One locked jar: Maven coordinate `group:artifact:version`, sha256 and size in bytes."""

    coordinate: str
    sha256: str
    size_bytes: int

    @property
    def file_name(self) -> str:
        """Its name in the cache: group and artifact, so that two groups cannot collide."""
        group, artifact, version = self.coordinate.split(":")
        return f"{group}.{artifact}-{version}.jar"


def read_lock(lock: Path = LOCK) -> list[Jar]:
    """The jars that make up the broker."""
    return [Jar(**row) for row in json.loads(lock.read_text())["jars"]]


def sha256_of(path: Path) -> str:
    """The sha256 of a file in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def fetch(cache: Path, *, say: Say, lock: Path = LOCK) -> str:
    """Have every locked jar in the cache, each checked; return the Java class path.

    Raises:  Trouble when a jar cannot be had, or is not the one that was locked.
    """
    folder = cache / "kafka"
    folder.mkdir(parents=True, exist_ok=True)
    with _alone(folder / ".fetching"):
        jars = read_lock(lock)
        wanted = missing(jars, folder)
        if wanted:
            _download(wanted, folder, say=say)
    return os.pathsep.join(str(folder / jar.file_name) for jar in jars)


def missing(jars: list[Jar], folder: Path) -> list[Jar]:
    """The jars that are not in the folder exactly as they were locked."""
    return [jar for jar in jars if not _is_intact(folder / jar.file_name, jar)]


def _is_intact(path: Path, jar: Jar) -> bool:
    return path.is_file() and path.stat().st_size == jar.size_bytes and sha256_of(path) == jar.sha256


def _download(jars: list[Jar], folder: Path, *, say: Say) -> None:
    total = sum(jar.size_bytes for jar in jars)
    done = 0
    store = folder / "repository"
    say(f"Fetching Kafka: {len(jars)} jars, {total / 1e6:.0f} MB, once")
    for number, jar in enumerate(jars, 1):
        path = _fetch_one(jar, store)
        if sha256_of(path) != jar.sha256:
            path.unlink()
            raise Trouble(
                f"{jar.coordinate} is not the jar that was locked",
                why="Its sha256 differs from deploy/local/kafka.lock.json; what came was thrown away.",
                do="Start again. If it happens twice, something on the way to Maven's repository alters files.",
            )
        os.replace(path, folder / jar.file_name)
        done += jar.size_bytes
        say.progress(f"  {number}/{len(jars)} jars, {done / 1e6:.0f} of {total / 1e6:.0f} MB")
    shutil.rmtree(store, ignore_errors=True)


def _fetch_one(jar: Jar, store: Path) -> Path:
    group, artifact, version = jar.coordinate.split(":")
    mirror = os.environ.get("MAVEN_MIRROR", "").rstrip("/")
    context = MavenContext(
        repo_cache=store,
        resolver=PythonResolver(),
        remote_repos={"central": mirror} if mirror else None,
        timeout=30,
    )
    found = context.project(group, artifact).at_version(version).artifact()
    if found.cached_path is not None:  # a leftover of an interrupted fetch may be half a file
        found.cached_path.unlink(missing_ok=True)
    try:
        return Path(found.resolve())
    except (requests.RequestException, RuntimeError, OSError) as error:
        raise Trouble(
            f"{jar.coordinate} cannot be fetched",
            why=f"{type(error).__name__}: {str(error)[:300]}",
            do="Kafka comes from Maven's central repository, once. Then one of:\n"
            "- connect this machine to the network and start again (what is fetched already is kept);\n"
            "- set HTTPS_PROXY to your proxy, or MAVEN_MIRROR to the address of a mirror;\n"
            "- copy .local/cache from a machine that has it;\n"
            "- use a Kafka that runs elsewhere: KAFKA_BOOTSTRAP=host:9092",
        ) from error


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """Two starts at once fetch one after the other."""
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def resolve_lock(lock: Path, store: Path) -> None:
    """Resolve what is wanted anew and write the lock; for whoever moves to another Kafka."""
    context = MavenContext(repo_cache=store, resolver=PythonResolver(), timeout=30)
    roots = [context.create_dependency(replace(Endpoint.parse(one).coordinates[0], scope="compile")) for one in WANTED]
    first, further = context.resolver.resolve(roots)
    parts = [part.artifact for part in [*first, *(one for one in further if one.scope in ("compile", "runtime"))]]
    rows = []
    for part in sorted(parts, key=lambda one: (one.groupId, one.artifactId)):
        path = Path(part.resolve())
        coordinate = f"{part.groupId}:{part.artifactId}:{part.version}"
        rows.append({"coordinate": coordinate, "sha256": sha256_of(path), "size_bytes": path.stat().st_size})
    lock.write_text(json.dumps({"wanted": WANTED, "jars": rows}, indent=1) + "\n")


if __name__ == "__main__":
    resolve_lock(LOCK, Path(sys.argv[1]))
