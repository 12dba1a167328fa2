"""What must hold of outputs and records whatever the history: they tell the same story, and it has no gap."""

from collections.abc import Container, Iterable, Mapping
from typing import Any

from tests.domain.driver import Driver
from tests.model.cards import tag_key
from tests.model.naive_filters import matches, of_card
from topics.registry import COMMAND_RESULTS, PROFILES

Json = Mapping[str, Any]


def records(driver: Driver) -> dict[str, Json]:
    """The public record of every id of the business: cards and aliases."""
    prefix = f"{driver.business}/"
    keys = [key.decode() for key in driver.engine.stores[PROFILES] if not key.startswith(b"\0")]
    ids = [key.removeprefix(prefix) for key in keys if key.startswith(prefix)]
    return {id_: driver.card(id_) for id_ in ids}


def cards(driver: Driver) -> dict[str, Json]:
    """The cards, aliases left out."""
    return {id_: record for id_, record in records(driver).items() if "merged_into" not in record}


def answers(outputs: Iterable[Json]) -> dict[tuple[str, str], list[Json]]:
    """The final answers by whom they answer."""
    found: dict[tuple[str, str], list[Json]] = {}
    for output in outputs:
        if output["topic"] == COMMAND_RESULTS and output["type"] != "command.progress":
            found.setdefault((output["data"]["command_source"], output["data"]["command_id"]), []).append(output)
    return found


def once(outputs: Iterable[Json]) -> list[Json]:
    """The outputs without answers that were given again (C6)."""
    told: set[str] = set()
    found = []
    for output in outputs:
        if output["topic"] != COMMAND_RESULTS or output["id"] not in told:
            found.append(output)
        told.add(output["id"])
    return found


def check_story(driver: Driver, removed: Container[str]) -> None:
    """P1: who follows the outputs by sequence comes to what the card says. ``removed``: audiences that were once."""
    merged = {id_ for o in driver.outputs if o["type"] == "client.merged" for id_ in o["data"]["merged_ids"]}
    for client, card in records(driver).items():
        status, tags, audiences = None, set(), set()
        for output in driver.about(client):
            type_, data = output["type"], output["data"]
            if type_ == "client.status.changed":
                if client in merged and data["from"] is None:  # erased with its primary, and there again
                    status, tags = None, set()
                assert data["from"] == status, output
                assert data["to"] != status, output
                status = data["to"]
            elif type_ == "client.status.review_suggested":
                assert data["status"] == status, output
            elif type_ == "client.tags.changed":
                added, gone = ({tag_key(t) for t in data[name]} for name in ("added", "removed"))
                assert data["added"] or data["removed"], output
                respelled = added & gone
                assert not (added - respelled) & tags, output
                assert gone <= tags, output
                tags = tags - gone | added
                assert {tag_key(t) for t in data["tags"]} == tags, output
            elif type_ == "audience.entered":
                assert data["audience_id"] not in audiences or data["audience_id"] in removed, output
                audiences.add(data["audience_id"])
            elif type_ == "audience.left":
                assert data["audience_id"] in audiences, output
                audiences.discard(data["audience_id"])
            elif type_ == "client.erased":
                assert not audiences, output
                status, tags = None, set()
        defined = {a["audience_id"] for a in driver.settings.get("audiences", ()) if a["audience_id"] not in removed}
        if "merged_into" in card:
            assert not audiences & defined, client
            continue
        assert (card["status"], {tag_key(t["tag"]) for t in card.get("tags", ())}) == (status, tags), client
        assert card["sequence"] == len(driver.about(client)), client
        assert set(card.get("audiences", ())) & defined == audiences & defined, client


def check_business(driver: Driver) -> None:
    """The business's record agrees with its cards: how many have each status, who is in which audience."""
    now, settings = cards(driver), driver.settings
    statuses = [card["status"] for card in now.values()]
    assert {s["code"]: s["clients"] for s in settings["statuses"]} == {
        s["code"]: statuses.count(s["code"]) for s in settings["statuses"]
    }
    assert set(statuses) <= {s["code"] for s in settings["statuses"]}
    for audience in settings.get("audiences", ()):
        found = {c for c, card in now.items() if audience["audience_id"] in card.get("audiences", ())}
        assert found == {c for c, card in now.items() if matches(audience["filter"], of_card(card, settings))}, audience
    spelled: dict[str, str] = {}
    for card in now.values():
        for tag in card.get("tags", ()):
            assert spelled.setdefault(tag_key(tag["tag"]), tag["tag"]) == tag["tag"]
        assert set(card.get("fields", {})) <= {f["field_id"] for f in settings.get("fields", ())}
