"""The AsyncAPI 3.0 document: channels, operations, messages and schemas, built from the topics and the registry.

Never a source of truth: what is not in the tables is not here.
"""

from collections.abc import Sequence
from typing import Any

from pydantic.json_schema import models_json_schema

from contracts.registry import REPORTS, TYPES, MessageType
from contracts.topics import DLQS, INBOXES, SERVICES, TOPICS, Topic

CONTENT_TYPE = "application/cloudevents+json"
Node = dict[str, Any]


def build_asyncapi(envelope: Node) -> Node:
    """Return the document; `envelope` is the JSON Schema of our CloudEvents."""
    return {
        "asyncapi": "3.0.0",
        "id": "urn:vn.edu.hcmute.publicity",
        "info": {
            "title": "Thông tin tuyên truyền",
            "version": "1.0.0",
            "description": "The messages between the five services of the procedure for information and publicity "
            "work, and from other university systems. Every message is a CloudEvent in structured mode.",
            "license": {"name": "Apache-2.0"},
        },
        "defaultContentType": CONTENT_TYPE,
        "channels": {topic.name: _channel(topic) for topic in (*TOPICS, *INBOXES, *DLQS)},
        "operations": _operations(),
        "components": {"messages": _messages(), "schemas": _schemas(envelope)},
    }


def _messages_of(topic: Topic) -> list[str]:
    if topic in INBOXES:
        return [f"inbox-{name}" for name in topic.messages]
    return list(topic.messages) or ["dead-letter"]


def _channel(topic: Topic) -> Node:
    return {
        "address": topic.name,
        "description": f"{topic.description} Key: {topic.key}. Written by: {topic.writer}.",
        "messages": {name: {"$ref": f"#/components/messages/{name}"} for name in _messages_of(topic)},
        "bindings": {
            "kafka": {
                "topic": topic.name,
                "partitions": topic.partitions,
                "topicConfiguration": {
                    "cleanup.policy": ["delete"],
                    "retention.ms": topic.retention_ms,
                    "max.message.bytes": topic.max_bytes,
                },
                "bindingVersion": "0.5.0",
            }
        },
    }


def _operations() -> Node:
    operations: Node = {}
    for topic in TOPICS:
        writers = (topic.writer,) if topic.writer in SERVICES else SERVICES
        operations |= _of_services(topic, "send", writers)
        operations |= _of_services(topic, "receive", topic.readers)
    for topic in INBOXES:
        operations |= _of_services(topic, "receive", topic.readers)
    return operations


def _of_services(topic: Topic, action: str, services: Sequence[str]) -> Node:
    return {
        f"{service}-{action}s-{topic.name}": {
            "action": action,
            "channel": {"$ref": f"#/channels/{topic.name}"},
            "messages": [{"$ref": f"#/channels/{topic.name}/messages/{name}"} for name in _messages_of(topic)],
            "tags": [{"name": service}],
        }
        for service in services
    }


def _messages() -> Node:
    messages = {name: _message(name, kind, kind.model.__name__) for name, kind in TYPES.items()}
    for name, model in REPORTS.items():
        messages[f"inbox-{name}"] = _message(f"inbox-{name}", TYPES[name], model.__name__)
    messages["dead-letter"] = {
        "name": "dead-letter",
        "summary": "A record as received, with the reason, the reading service and its place as headers.",
        "contentType": "application/octet-stream",
        "payload": {},
    }
    return messages


def _message(name: str, kind: MessageType, schema: str) -> Node:
    is_inbox = name != kind.name
    envelope = "#/components/schemas/InboxCloudEvent" if is_inbox else "#/components/schemas/CloudEvent"
    return {
        "name": name,
        "title": kind.model.__name__,
        "summary": (kind.model.__doc__ or "").split("\n")[0],
        "contentType": CONTENT_TYPE,
        "payload": {
            "allOf": [
                {"$ref": envelope},
                {
                    "properties": {
                        "type": {"const": kind.type},
                        "data": {"$ref": f"#/components/schemas/{schema}"},
                    }
                },
            ]
        },
    }


def _schemas(envelope: Node) -> Node:
    models = [kind.model for kind in TYPES.values()] + list(dict.fromkeys(REPORTS.values()))
    _, generated = models_json_schema(
        [(model, "validation") for model in models], ref_template="#/components/schemas/{model}"
    )
    inbox = envelope | {
        "title": "InboxCloudEvent",
        "description": "The envelope of what other systems send: any CloudEvent 1.0; subject and time may be absent.",
        "required": ["specversion", "id", "source", "type", "data"],
        "properties": {
            name: envelope["properties"][name] for name in ("specversion", "id", "source", "type", "time", "data")
        },
    }
    return {"CloudEvent": envelope, "InboxCloudEvent": inbox, **generated["$defs"]}
