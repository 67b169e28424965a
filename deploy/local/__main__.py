"""`python -m deploy.local <command>`: reads the command line, and turns a Trouble into its words and code 1."""

import argparse
import os
import sys
from collections.abc import Sequence

SETTINGS = """\
settings (environment):
  KAFKA_BOOTSTRAP, MONGO_URL       use a Kafka / a MongoDB replica set that runs elsewhere; the embedded one stays off
  KAFKA_PORT, KAFKA_CONTROLLER_PORT, MONGO_PORT                                     default 9092, 9093, 27017
  PLANNING_PORT, APPROVAL_PORT, PUBLISHING_PORT, MONITORING_PORT, REPORTING_PORT    default 8001 ... 8005
  HOST, ROOM_URLS, TOPIC_PREFIX, MONGO_PREFIX, LOG_LEVEL, INBOX_OPEN, ADMIN_PASSWORD   passed to the services
  PUBLICITY_CACHE                  where fetched jars are kept; default .local/cache
  MAVEN_MIRROR, HTTPS_PROXY        where the jars come from, when not straight from Maven's central repository
See deploy/local/README.md.
"""


def parser() -> argparse.ArgumentParser:
    """The command line."""
    top = argparse.ArgumentParser(
        prog="python -m deploy.local",
        description="Kafka, MongoDB and the five services on this machine.",
        epilog=SETTINGS,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = top.add_subparsers(dest="command", required=True)
    for name, text in (
        ("up", "start all on their own data"),
        ("demo", "walk a seeded school year on data of its own"),
        ("down", "stop all; the data stay"),
        ("reset", "stop all and forget all data, after asking (YES=1: without)"),
        ("logs", "follow the logs"),
        ("status", "say what runs"),
        ("republish", "write the topics again from the journals, where Kafka was lost"),
    ):
        commands.add_parser(name, help=text)
    commands.add_parser("dev", help="run one service here, with reload").add_argument("service")
    rebuild = commands.add_parser("rebuild", help="make monitoring's documents again from the topics")
    rebuild.add_argument("--check", action="store_true", help="only compare")
    token = commands.add_parser("token", help="print a new token of a source system")
    token.add_argument("--source", required=True)
    token.add_argument("--scopes", default="events:write")
    audit = commands.add_parser("audit", help="verify the logs of acts; 0: intact, 3: not intact, 1: not checked")
    audit.add_argument("--service", default="", help="of one service alone")
    audit.add_argument("--export", default="", metavar="FILE", help="write the service's log there")
    audit.add_argument("--verify", default="", metavar="FILE", help="verify an exported log; nothing need run")
    audit.add_argument("--head", default="", metavar="N:HASH", help="a head that was kept elsewhere")
    return top


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; 0 when it did what it says."""
    given = parser().parse_args(arguments)
    from deploy.local import commands
    from deploy.local.trouble import Trouble

    extra = {"dev": ("service",), "token": ("source", "scopes"), "rebuild": ("check",)}.get(given.command, ())
    try:
        if given.command == "audit":
            from deploy.local import audit

            return audit.run(service=given.service, export=given.export, file=given.verify, head=given.head)
        return int(getattr(commands, given.command)(*(getattr(given, name) for name in extra)))
    except Trouble as trouble:
        print(f"\n{trouble}", file=sys.stderr)
        return 1
    except BrokenPipeError:  # whoever read the output went away: `make up | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except PermissionError as error:
        told = Trouble("a file may not be written", why=str(error), do="Was an earlier run started by another user?")
        print(f"\n{told}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nInterrupted; what was started goes on (make status, make down).", file=sys.stderr)
        return 130


if __name__ == "__main__":
    sys.exit(main())
