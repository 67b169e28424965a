"""`python -m services.monitoring token`: a token for a source system from the command line, without Kafka.

It must never write anything but the token to standard output.
"""

import argparse
import sys
import uuid
from collections.abc import Sequence

from pydantic import ValidationError
from pymongo.errors import PyMongoError

from contracts.envelope import SOURCE_PREFIX
from services.chassis.clock import create_clock
from services.chassis.decision import Actor, Refused
from services.chassis.store import Store, create_client
from services.monitoring.settings import Settings
from services.monitoring.sources import SCOPES, TOKENS, NewToken, issue_token

BY = Actor("command-line", "", frozenset())


def _given(argv: Sequence[str]) -> NewToken:
    parser = argparse.ArgumentParser(
        prog="python -m services.monitoring token",
        description="Makes a bearer token for a source system and prints it, once.",
    )
    parser.add_argument("--source", required=True, help="whom it speaks for, such as /sis")
    parser.add_argument("--scopes", default=",".join(SCOPES), help="separated by commas (default: %(default)s)")
    asked = parser.parse_args(argv)
    return NewToken.from_data({"source": asked.source, "scopes": asked.scopes.split(",")})


async def run_token_command(settings: Settings, argv: Sequence[str]) -> int:
    """Issue a token and print it; return 0, 2 for arguments that cannot be, 1 without MongoDB.

    Shape:   argv is what stands behind `token`.        Raises:  SystemExit 2 for unknown arguments.
    """
    client = create_client(settings.mongo_url.get_secret_value())
    database, source = f"{settings.mongo_prefix}monitoring", f"{SOURCE_PREFIX}/monitoring"
    store = Store(client, database, source=source, collections=(TOKENS,))
    try:
        given = _given(argv)
        await store.prepare()
        now = create_clock(settings.clock_file).now()
        made = await issue_token(store, given, by=BY, command_id=str(uuid.uuid4()), now=now)
    except ValidationError:
        return _failed(f"--scopes takes {' and '.join(SCOPES)}, separated by a comma; --source a path such as /sis", 2)
    except Refused:
        return _failed("--source must be an absolute path such as /sis, outside /publicity, without dot segments", 2)
    except PyMongoError as error:
        return _failed(f"MongoDB does not answer at MONGO_URL ({type(error).__name__}): start it, then try again", 1)
    finally:
        client.close()
    sys.stdout.write(f"{made['token']}\n")
    return 0


def _failed(why: str, code: int) -> int:
    sys.stderr.write(f"no token was made: {why}\n")
    return code
