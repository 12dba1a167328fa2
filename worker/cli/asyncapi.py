"""The AsyncAPI 3 document of all topics, from the registry that the worker uses."""

from importlib.metadata import version
from typing import Any, Final

from topics import dead_letters
from topics.registry import DEAD_LETTERS, PROFILES, SETTINGS, TOPICS, Topic

Document = dict[str, Any]
SCHEMAS: Final = "json-schema"
"""Directory of the JSON Schemas, beside the document."""
KAFKA_BINDING: Final = "0.5.0"
_CLOUDEVENT: Final = "application/cloudevents+json"
_KEYS: Final = {PROFILES: "businessid/client_id", SETTINGS: "businessid"}


def document() -> Document:
    """What travels on every topic, in which direction, under which key."""
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "client-status",
            "version": version("client-status-worker"),
            "description": "Who of a business's clients is a lead, a customer, a VIP or inactive, and with which tags.",
            "license": {"name": "Apache-2.0"},
        },
        "defaultContentType": _CLOUDEVENT,
        "channels": {topic.name: _channel(topic) for topic in TOPICS},
        "operations": {
            f"{'receive' if topic.direction == 'in' else 'send'}.{topic.name}": {
                "action": "receive" if topic.direction == "in" else "send",
                "summary": topic.about,
                "channel": {"$ref": f"#/channels/{topic.name}"},
            }
            for topic in TOPICS
        },
        "components": {"messages": {name: _message(topic, name) for topic in TOPICS for name in _names(topic)}},
    }


def _names(topic: Topic) -> list[str]:
    """The names of the messages on a topic: its types; a topic without types carries one kind of record."""
    return list(topic.types) or [topic.name]


def _channel(topic: Topic) -> Document:
    configuration: Document = {"cleanup.policy": [topic.cleanup]}
    configuration |= {name: int(value) for name, value in topic.config.items()}
    return {
        "address": topic.name,
        "description": f"{topic.about}. A prefix (TOPIC_PREFIX) may precede the name.",
        "messages": {name: {"$ref": f"#/components/messages/{name}"} for name in _names(topic)},
        "bindings": {"kafka": {"topicConfiguration": configuration, "bindingVersion": KAFKA_BINDING}},
    }


def _message(topic: Topic, name: str) -> Document:
    key = {"type": "string", "description": _KEYS.get(topic.name, "businessid")}
    message: Document = {
        "name": name,
        "bindings": {"kafka": {"key": key, "bindingVersion": KAFKA_BINDING}},
    }
    if topic.name == DEAD_LETTERS:
        del key["type"]
        key["description"] = "the original's"
        return message | {
            "contentType": "application/octet-stream",
            "summary": topic.about,
            "headers": {
                "type": "object",
                "description": "The original headers, and these.",
                "properties": {
                    dead_letters.EXCEPTION: {"enum": list(dead_letters.CODES)},
                    **{header: {"type": "string"} for header in sorted(dead_letters.ADDED - {dead_letters.EXCEPTION})},
                },
                "required": sorted(dead_letters.ADDED),
            },
        }
    if not topic.types:
        message |= {"contentType": "application/json", "summary": topic.about}
    return message | {"payload": {"$ref": f"./{SCHEMAS}/{name}.json"}}
