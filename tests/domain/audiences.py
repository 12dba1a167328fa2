"""Audiences for the tests of F1 and F2: some filters, and what was told of who is in them."""

from typing import Any

from tests.domain.driver import Driver

CUSTOMERS = {"field": "status", "op": "eq", "value": "customer"}
PAYERS = {"field": "counts.payments", "op": "gte", "value": 2}
GOLD = {"field": "tags", "op": "has_any", "value": ["gold"]}
CURRENT = {"field": "ended", "op": "eq", "value": False}
GOOD = {"field": "status_group", "op": "eq", "value": "good"}
NAMED = {"field": "name", "op": "exists"}
DAY = "2024-05-06T"


def define(salon: Driver, time: str, audience: str, filter_: object, **data: Any) -> dict[str, Any]:
    """Define an audience; the answer, when its members are settled."""
    name = data.pop("name", audience.title())
    return asked(salon, "audience.define", time, audience_id=audience, name=name, filter=filter_, **data)


def remove(salon: Driver, time: str, audience: str, **data: Any) -> dict[str, Any]:
    return asked(salon, "audience.remove", time, audience_id=audience, **data)


def asked(salon: Driver, type_: str, time: str, **data: Any) -> dict[str, Any]:
    told = salon.tell(type_, time, **data) + salon.settle()
    (answer,) = [o for o in told if o["topic"] == "command-results" and o["type"] != "command.progress"]
    return {"result": answer["type"].removeprefix("command."), **answer["data"]}


def codes(answer: dict[str, Any]) -> list[str]:
    assert answer["result"] == "rejected"
    return [error["code"] for error in answer["errors"]]


def pay(salon: Driver, time: str, payment: str, client: str = "c1") -> list[dict[str, Any]]:
    return salon.tell(
        "payment.received", time, client_id=client, payment_id=payment, amount="1", currency="EUR", id=f"pay-{payment}"
    )


def moves(salon: Driver, client: str = "c1") -> list[tuple[str, str, str, str]]:
    """What was told of a client's audiences: + or -, which, HH:MM, the type of the cause."""
    return [
        (
            "+" if o["type"] == "audience.entered" else "-",
            o["data"]["audience_id"],
            o["time"][11:16],
            o["data"]["cause"]["type"],
        )
        for o in salon.about(client)
        if o["topic"] == "audience-changes"
    ]


def audiences(salon: Driver, client: str = "c1") -> list[str]:
    found: list[str] = salon.card(client).get("audiences", [])
    return found


def types(outputs: list[dict[str, Any]]) -> list[str]:
    return [o["type"] for o in outputs]
