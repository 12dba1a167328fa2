"""Short ways to merge cards."""

from typing import Any

from tests.domain.driver import Driver
from topics.registry import PROFILES

MONEY = {"amount": "10.00", "currency": "EUR"}


def pay(salon: Driver, client: str, payment: str, time: str = "10:00", **data: Any) -> list[dict[str, Any]]:
    return salon.tell("payment.received", time, **{"client_id": client, "payment_id": payment, **MONEY, **data})


def merge(salon: Driver, primary: str = "c1", *duplicates: str, time: str = "12:00", **data: Any) -> dict[str, Any]:
    """The answer."""
    ids = list(duplicates) or ["c4"]
    return salon.ask("clients.merge", time, primary_id=primary, duplicate_ids=ids, **data)


def refused(salon: Driver, primary: str, *duplicates: str, **data: Any) -> tuple[str, str | None]:
    """The code, and the client that is named. Nothing was changed, nothing told but the answer."""
    before = {key: value for key, value in salon.engine.stores[PROFILES].items() if not key.startswith(b"\0")}
    sent = len(salon.outputs)
    answer = merge(salon, primary, *duplicates, **data)
    assert (answer["result"], answer["applied"], answer["unchanged"]) == ("rejected", [], [])
    after = {key: value for key, value in salon.engine.stores[PROFILES].items() if not key.startswith(b"\0")}
    assert after == before
    assert len(salon.outputs) == sent + 1
    (error,) = answer["errors"]
    assert error["message"].endswith(".")
    return error["code"], error.get("client_id")
