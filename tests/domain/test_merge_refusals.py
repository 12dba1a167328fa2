"""E6: what a merge refuses: nothing is changed, nothing is told but the answer."""

import pytest

from tests.domain.driver import Driver
from tests.domain.merging import merge, refused


def test_e6_the_shape_of_the_command(many: Driver) -> None:
    """E1, E6."""
    assert refused(many, "c1", *(f"c{n}" for n in range(2, 12))) == ("too_many_clients", None)
    assert refused(many, "c1", "c2", "c1") == ("duplicate_client", "c1")
    assert refused(many, "c1", "c2", "c3", "c2") == ("duplicate_client", "c2")
    assert merge(many, "c1", *(f"c{n}" for n in range(2, 11)))["result"] == "applied"
    assert many.engine.cards == 3


@pytest.mark.parametrize("ids", [[], None])
def test_e6_no_duplicate_at_all(many: Driver, ids: list[str] | None) -> None:
    answer = many.ask("clients.merge", "12:00", primary_id="c1", duplicate_ids=ids)
    assert (answer["result"], answer["errors"][0]["code"]) == ("rejected", "invalid_data")


def test_e6_unknown_clients(many: Driver) -> None:
    assert refused(many, "nobody", "c2") == ("unknown_client", "nobody")
    assert refused(many, "c1", "c2", "nobody") == ("unknown_client", "nobody")
    many.tell("client.erase", "13:00", client_id="c2")
    many.tell("client.noted", "14:00", client_id="c2", text="back")
    assert refused(many, "c1", "c2") == ("unknown_client", "c2")
    assert merge(many, "c1", "c2", time="14:30")["result"] == "applied"


def test_e6_already_merged(many: Driver) -> None:
    merge(many, "c1", "c2")
    assert refused(many, "c1", "c2") == ("already_merged", "c2")
    assert refused(many, "c2", "c3") == ("already_merged", "c2")
    assert refused(many, "c3", "c4", "c2") == ("already_merged", "c2")
    assert merge(many, "c3", "c1")["result"] == "applied"


def test_e6_linked_systems(many: Driver) -> None:
    many.tell("client.updated", "10:00", client_id="c2", linked_systems=["erp"])
    assert refused(many, "c1", "c2") == ("linked_must_be_primary", "c2")
    many.tell("client.updated", "10:00", client_id="c3", linked_systems=["crm"])
    assert refused(many, "c1", "c2", "c3") == ("several_linked", None)
    assert refused(many, "c2", "c3") == ("several_linked", None)
    assert merge(many, "c2", "c1")["result"] == "applied"
    assert many.card("c2")["linked_systems"] == ["erp"]


def test_e6_too_many_messages(many: Driver) -> None:
    def write(client: str, directions: list[str]) -> None:
        many.feed(many.event("client.messaged", "10:00", client_id=client, direction=d) for d in directions)

    write("c2", ["in", "out"] * 500 + ["in"])
    write("c3", ["out"] * 1_000)
    assert merge(many, "c1", "c2", dry_run=True)["result"] == "applied"
    assert merge(many, "c2", "c3", dry_run=True)["result"] == "applied"
    write("c3", ["in"])
    assert refused(many, "c2", "c3") == ("too_many_messages", None)
    assert refused(many, "c1", "c2", "c3") == ("too_many_messages", None)
    assert merge(many, "c1", "c3")["result"] == "applied"
    counts = many.card("c1")["counts"]
    assert (counts["messages_in"], counts["messages_out"]) == (1, 1_000)


LINKS = [
    "http://example.com", "Anna https://example.com/x", "HTTPS://EXAMPLE.COM", "see www.example.com", "WWW.example.org",
    "win at example.com/prize", "example.co.uk/a", "EXAMPLE.COM/A", "example.com:8080/x", "ftp://example.com",
]  # fmt: skip
NAMES = [
    "Dr. No", "J.P. Morgan", "Anna v.d. Berg", "Mr.Smith", "A.B.C. van der Veen", "Booking.com B.V.", "St. John/Smith",
    "P.Smit/K.Jansen", "O'Neil, Ann", "Ann (www)", "Awww.", "1/2 Family", "Zoë Müller-Lüdenscheidt",
    "Mr. Http", "AT&T Inc.",
]  # fmt: skip


@pytest.mark.parametrize("name", LINKS)
def test_e6_a_link_in_a_name(many: Driver, name: str) -> None:
    many.tell("client.updated", "10:00", client_id="c2", name=name)
    assert refused(many, "c1", "c2") == ("link_in_name", "c2")
    assert refused(many, "c2", "c1") == ("link_in_name", "c2")


@pytest.mark.parametrize("name", NAMES)
def test_e6_a_name_that_is_no_link(many: Driver, name: str) -> None:
    many.tell("client.updated", "10:00", client_id="c2", name=name)
    assert merge(many, "c1", "c2")["result"] == "applied"


def test_d1_more_tags_than_a_client_may_have(many: Driver) -> None:
    for client in ("c1", "c2"):
        for batch in range(3):
            many.ask("tags.add", "10:00", client_ids=[client], tags=[f"{client} {batch} {n}" for n in range(50)])
    assert refused(many, "c1", "c2") == ("too_many_tags", None)
    many.ask("tags.remove", "10:30", client_ids=["c2"], tags=[f"c2 0 {n}" for n in range(50)])
    assert merge(many, "c1", "c2")["result"] == "applied"
    assert len(many.tags("c1")) == 250
