"""Stories of several steps over HTTP, the whole stack behind it: what one step does is seen on every route after it."""

from collections.abc import Callable, Iterator
from itertools import count
from typing import Any

import httpx
import pytest

from tests.brokers.embedded import EmbeddedKafka
from tests.console.who import bearer
from tests.kit.place import Place
from tests.page.stack import Stack, stack

pytestmark = pytest.mark.embedded
_numbers = count(1)


@pytest.fixture(scope="module")
def whole(
    embedded: EmbeddedKafka, new_place: Callable[..., Place], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Stack]:
    """Broker, Valkey, worker, projector and console."""
    with stack(new_place(embedded, "stories"), tmp_path_factory.mktemp("stories")) as running:
        yield running


class Told:
    """A business of one story, told on Kafka and by commands, and asked over HTTP."""

    def __init__(self, whole: Stack) -> None:
        self.name = f"b{next(_numbers)}"
        self._whole = whole
        self._story = whole.story(self.name)
        self._http = httpx.Client(base_url=whole.address, headers=bearer("Mia"), timeout=40)
        self.tell = self._story.tell

    def get(self, path: str, *, follow: bool = False) -> httpx.Response:
        return self._http.get(f"/api/v1/businesses/{self.name}{path}", follow_redirects=follow)

    def ids(self, path: str) -> list[str]:
        """Of the clients that are found."""
        return [row["client_id"] for row in self.get(path).json()["items"]]

    def shown(self, path: str, holds: Callable[[Any], bool]) -> Any:
        return self._whole.shown(self.name, path, holds)

    def command(self, type_: str, **data: Any) -> Any:
        return self._whole.command(self.name, type_, **data)


@pytest.fixture
def told(whole: Stack) -> Told:
    """Nothing has happened yet."""
    return Told(whole)


def test_e5_g6_every_id_of_a_client_on_every_route_after_merges_and_an_erasure(told: Told) -> None:
    told.tell("client.created", "09:00", client_id="p", name="Primary")
    told.tell("client.created", "09:01", client_id="d1", name="Dup", email="D@x.org", tags=["gold"])
    told.tell("client.created", "08:00", client_id="d2", phone="+31 6 12345678")
    told.tell("invoice.issued", "10:00", client_id="d1", invoice_id="i", amount="10.00", currency="EUR")
    told.shown("/clients?status=customer", lambda found: found["total"] == 1)
    golden = {"field": "tags", "op": "has_any", "value": ["GOLD"]}
    told.command("audience.define", audience_id="golden", name="Golden", filter=golden)
    assert told.ids("/audiences/golden/members") == ["d1"]

    merge = {"primary_id": "d2", "duplicate_ids": ["d1"]}
    rehearsal = told.command("clients.merge", dry_run=True, **merge)
    rehearsed = rehearsal["preview"]
    assert told.get(f"/commands/{rehearsal['command_id']}").json()["preview"] == rehearsed
    assert told.get("/clients/d1").status_code == 200, "a dry run changes nothing"
    assert told.command("clients.merge", **merge)["type"] == "command.applied"
    merged = told.get("/clients/d2").json()
    for name in ("name", "emails", "phones", "created_at", "status", "totals", "outstanding", "counts", "sequence"):
        assert rehearsed[name] == merged[name], name
    told.command("clients.merge", primary_id="p", duplicate_ids=["d2"])

    for id_ in ("d1", "d2"):
        for below in ("", "/timeline?limit=3", "/reasons"):
            moved = told.get(f"/clients/{id_}{below}")
            assert (moved.status_code, moved.headers["location"]) == (
                308,
                f"/api/v1/businesses/{told.name}/clients/p{below}",
            ), "also of an alias of an alias in one step"
            assert told.get(f"/clients/{id_}{below}", follow=True).status_code == 200
        assert told.ids(f"/clients?q={id_}") == ["p"]
    assert told.ids("/clients?q=d@X.ORG") == told.ids("/clients?q=0612345678") == ["p"]
    assert told.ids("/audiences/golden/members") == ["p"]
    assert told.get("/counts").json()["total"] == 1
    assert told.get("/clients/p").json()["merged_ids"] == ["d2", "d1"]
    timeline = [entry["type"] for entry in told.get("/clients/p/timeline?limit=200").json()["items"]]
    assert (timeline.count("client.created"), timeline.count("client.merged")) == (3, 2)
    assert [error["code"] for error in told.command("clients.merge", **merge)["errors"]] == ["already_merged"]

    told.tell(
        "payment.received", "11:00", client_id="d1", payment_id="x", amount="4.00", currency="EUR", invoice_id="i"
    )
    told.shown("/clients/p", lambda card: card["outstanding"] == {"EUR": "6.00"})
    assert told.command("tags.add", client_ids=["d2"], tags=["late"])["applied"] == ["d2"]
    assert told.ids("/clients?tag=LATE") == ["p"]

    assert told.command("client.erase", client_id="d1")["type"] == "command.applied"
    for id_ in ("p", "d1", "d2"):
        for below in ("", "/timeline", "/reasons"):
            gone = told.get(f"/clients/{id_}{below}")
            assert (gone.status_code, gone.json()["code"]) == (404, "unknown_client")
        assert told.ids(f"/clients?ended=include&q={id_}") == []
    assert (told.ids("/clients?q=d@x.org"), told.ids("/audiences/golden/members")) == ([], [])
    assert told.get("/counts").json()["total"] == 0
    assert told.get(f"/commands/{rehearsal['command_id']}").json()["preview"] == {}, "nor in what was only rehearsed"

    told.tell("payment.received", "12:00", client_id="d2", payment_id="y", amount="4.00", currency="EUR")
    assert told.command("tags.add", client_ids=["d2"], tags=["anew"])["applied"] == ["d2"]
    back = told.get("/clients/d2").json()
    assert "merged_ids" not in back
    assert back["counts"]["payments"] == 0, "what is older than the erasure does not come back"
    changes = told.get("/clients/d2/timeline").json()["items"]
    assert {entry["type"] for entry in changes} == {"client.status.changed", "client.tags.changed"}
    assert [told.get(f"/clients/{id_}").status_code for id_ in ("p", "d1")] == [404, 404]


def test_h3_a5_a_status_that_goes_takes_its_clients_along_everywhere(told: Told) -> None:
    told.command("status.define", code="partner", label="Partner", color="#ABCDEF")
    told.command("status_group.define", code="close", name="Close", statuses=["vip", "partner"])
    told.command(
        "audience.define", audience_id="a", name="A", filter={"field": "status_group", "op": "eq", "value": "close"}
    )
    assert told.command("status.set", client_ids=["c1", "c2"], status="partner")["applied"] == ["c1", "c2"]
    assert told.command("status.set", client_ids=["c3"], status="vip")["applied"] == ["c3"]
    found = told.get("/clients?status_group=close").json()
    assert [(row["client_id"], row["color"]) for row in found["items"]][:2] == [("c1", "#ABCDEF"), ("c2", "#ABCDEF")]
    (problem,) = told.command("status.remove", code="partner")["errors"]
    assert (problem["code"], "2" in problem["message"]) == ("status_in_use", True)
    first = told.get("/clients?sort=name&limit=1").json()
    assert told.command("status.remove", code="partner", move_to="inactive")["totals"]["changed"] == 2
    here = told.get("/clients").json()
    assert ([row["client_id"] for row in here["items"]], here["ended_hidden"]) == (["c3"], 2)
    rest = told.get(f"/clients?sort=name&ended=include&cursor={first['next_cursor']}").json()
    assert [row["client_id"] for row in rest["items"]] == ["c2", "c3"], "a cursor stays good through it"
    assert told.get("/clients?status=partner").status_code == 400
    assert told.ids("/clients?status_group=close") == told.ids("/audiences/a/members") == ["c3"]
    assert told.get("/settings").json()["status_groups"][0]["statuses"] == ["vip"]
    statuses = {status["code"]: status["clients"] for status in told.get("/counts").json()["statuses"]}
    assert statuses == {"lead": 0, "customer": 0, "vip": 1, "inactive": 2}
    assert told.ids("/clients?preset=inactive") == ["c1", "c2"]
