"""Golden files: schemas, examples and AsyncAPI stay equal to the code, and old messages stay readable."""

import hashlib
import json
import re
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from referencing import Registry, Resource

from contracts.envelope import decode, encode
from contracts.planning import PlanContent, content_hash
from contracts.registry import REPORTS, TYPES
from contracts.schemas import HERE, RELEASED, build_files
from contracts.topics import ALL_TOPICS, SERVICES

EXAMPLES = sorted((HERE / "examples").glob("*/*.json"))
OURS = [path for path in EXAMPLES if not path.parent.name.startswith("inbox-")]
INBOX = [path for path in EXAMPLES if path.parent.name.startswith("inbox-")]


def label(path: Path) -> str:
    return f"{path.parent.name}/{path.stem}"


def schema_of(name: str) -> Draft202012Validator:
    schema = json.loads((HERE / "schemas" / f"{name}.v1.json").read_text(encoding="utf-8"))
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema)


def test_golden_files_are_what_the_code_says() -> None:
    drifted = [path for path, text in build_files().items() if (HERE / path).read_text(encoding="utf-8") != text]
    assert not drifted, "run: python -m contracts.schemas"


def test_there_is_no_schema_without_a_message() -> None:
    assert {f"schemas/{path.name}" for path in (HERE / "schemas").iterdir()} == {
        path for path in build_files() if path.startswith("schemas/")
    }


@pytest.mark.parametrize("name", [*TYPES, *(f"inbox-{name}" for name in REPORTS)])
def test_every_message_has_a_full_and_a_minimal_example(name: str) -> None:
    assert {"full", "minimal"} <= {path.stem for path in EXAMPLES if path.parent.name == name}


def test_there_is_no_example_of_something_else() -> None:
    assert {path.parent.name for path in EXAMPLES} == {*TYPES, *(f"inbox-{name}" for name in REPORTS)}


@pytest.mark.parametrize("name", TYPES)
def test_the_fullest_example_has_every_field_and_the_minimal_only_what_must_be(name: str) -> None:
    folder = HERE / "examples" / name
    # a released example never changes: what is added later stands in a fuller one beside it
    full = max((json.loads(path.read_text(encoding="utf-8"))["data"] for path in folder.glob("*.json")), key=len)
    minimal = json.loads((folder / "minimal.json").read_text(encoding="utf-8"))["data"]
    fields = {field.alias or key: field for key, field in TYPES[name].model.model_fields.items()}
    assert set(full) == set(fields)
    assert {key for key, field in fields.items() if field.is_required()} <= set(minimal)
    assert not [key for key in minimal if not fields[key].is_required() and fields[key].default is None]


@pytest.mark.parametrize("path", OURS, ids=label)
def test_an_example_decodes_and_is_written_again_as_it_was(path: Path) -> None:
    raw = path.read_bytes()
    message = decode(raw)
    assert json.loads(encode(message)) == json.loads(raw)
    assert decode(encode(message)) == message
    assert message.name == path.parent.name


@pytest.mark.parametrize("path", OURS, ids=label)
def test_an_example_satisfies_its_schemas(path: Path) -> None:
    example = json.loads(path.read_text(encoding="utf-8"))
    schema_of("envelope").validate(example)
    schema_of(path.parent.name).validate(example["data"])


@pytest.mark.parametrize("path", INBOX, ids=label)
def test_what_others_may_send_satisfies_its_schema_and_model(path: Path) -> None:
    example = json.loads(path.read_text(encoding="utf-8"))
    schema_of(path.parent.name).validate(example["data"])
    REPORTS[path.parent.name.removeprefix("inbox-")].from_data(example["data"])


@pytest.mark.parametrize("path", OURS, ids=label)
def test_an_example_of_a_later_writer_is_read_by_todays_reader(path: Path) -> None:
    later = json.loads(path.read_text(encoding="utf-8"))
    later["laterattribute"] = "x"
    later["data"]["a_later_field"] = {"a": [1, None]}
    assert decode(json.dumps(later).encode()).data == decode(path.read_bytes()).data


def test_released_examples_are_kept_for_ever_unchanged() -> None:
    released = json.loads((HERE / RELEASED).read_text(encoding="utf-8"))
    now = {label(path): hashlib.sha256(path.read_bytes()).hexdigest() for path in EXAMPLES}
    assert released == {name: now.get(name) for name in released}, "add a new example, never change a released one"
    assert not set(now) - set(released), "run: python -m contracts.schemas release"


@pytest.mark.parametrize(
    "path", [path for path in OURS if path.parent.name in ("plan-drafted", "plan-approved")], ids=label
)
def test_examples_of_plans_carry_their_own_hash(path: Path) -> None:
    data = json.loads(path.read_text(encoding="utf-8"))["data"]
    assert content_hash(PlanContent.from_data(data["content"])) == data["content_hash"]


ASYNCAPI: dict[str, Any] = json.loads((HERE / "asyncapi.json").read_text(encoding="utf-8"))


def references(node: Any) -> list[str]:
    if isinstance(node, dict):
        own = [node["$ref"]] if isinstance(node.get("$ref"), str) else []
        return own + [ref for value in node.values() for ref in references(value)]
    return [ref for value in node for ref in references(value)] if isinstance(node, list) else []


def resolve(pointer: str) -> Any:
    node = ASYNCAPI
    for part in pointer.removeprefix("#/").split("/"):
        node = node[part]
    return node


def test_asyncapi_has_no_dangling_reference() -> None:
    assert ASYNCAPI["asyncapi"] == "3.0.0"
    for pointer in set(references(ASYNCAPI)):
        assert resolve(pointer) is not None


def test_asyncapi_has_every_topic_with_its_messages() -> None:
    assert set(ASYNCAPI["channels"]) == {topic.name for topic in ALL_TOPICS}
    for topic in ALL_TOPICS:
        channel = ASYNCAPI["channels"][topic.name]
        assert channel["address"] == topic.name
        assert channel["bindings"]["kafka"]["partitions"] == topic.partitions
        if not topic.name.endswith("-dlq"):
            assert {name.removeprefix("inbox-") for name in channel["messages"]} == set(topic.messages)


def test_asyncapi_operations_name_messages_of_their_own_channel() -> None:
    seen = set()
    for name, operation in ASYNCAPI["operations"].items():
        service, action, topic = re.fullmatch("([a-z]+)-(send|receive)s-(.+)", name).groups()  # type: ignore[union-attr]
        assert (service in SERVICES, operation["action"]) == (True, action)
        assert operation["channel"] == {"$ref": f"#/channels/{topic}"}
        assert all(ref.startswith(f"#/channels/{topic}/messages/") for ref in references(operation["messages"]))
        seen.add((service, action, topic))
    assert {(topic.writer, "send", topic.name) for topic in ALL_TOPICS if topic.writer in SERVICES} <= seen
    assert {(reader, "receive", topic.name) for topic in ALL_TOPICS for reader in topic.readers} <= seen


def test_asyncapi_uses_every_schema_and_message() -> None:
    used = set(references(ASYNCAPI))
    for kind in ("schemas", "messages"):
        assert {name for name in ASYNCAPI["components"][kind] if f"#/components/{kind}/{name}" not in used} == set()


@pytest.mark.parametrize("path", EXAMPLES, ids=label)
def test_examples_satisfy_the_payloads_of_asyncapi(path: Path) -> None:
    registry: Registry[Any] = Registry().with_resource("urn:doc", Resource.opaque(ASYNCAPI))
    payload = {"$ref": f"urn:doc#/components/messages/{path.parent.name}/payload"}
    Draft202012Validator(payload, registry=registry).validate(json.loads(path.read_text(encoding="utf-8")))


def test_the_readme_names_every_topic_and_message() -> None:
    readme = (HERE / "README.md").read_text(encoding="utf-8")
    topics = [topic.name for topic in ALL_TOPICS if not topic.name.endswith("-dlq")]
    assert [name for name in (*topics, *TYPES) if f"`{name}`" not in readme] == []
