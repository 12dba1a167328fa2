"""G1, P2: when a client was last active does not depend on the order in which things became known."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from tests.domain.driver import Driver
from tests.domain.histories import PROFILE
from tests.domain.merging import merge

MINUTES = st.integers(0, 8)
THINGS = st.sampled_from(["a", "b"])
PLANS = ("booking.scheduled", "booking.rescheduled")
BOOKINGS = (*PLANS, "booking.cancelled", "booking.no_show", "booking.attended")
MONEY = {"invoice.issued": "invoice_id", "invoice.cancelled": "invoice_id", "payment.received": "payment_id",
         "payment.refunded": "payment_id"}  # fmt: skip


def at(minute: int) -> str:
    return f"09:{minute:02}"


def booking(type_: str, id_: str, time: int, begins: int) -> tuple[str, str, dict[str, Any]]:
    plan = {"starts_at": at(begins), "ends_at": at(begins + 1)} if type_ in PLANS else {}
    return type_, at(time), {"booking_id": id_, **plan, **({"kind": "appointment"} if type_ == PLANS[0] else {})}


def money(type_: str, id_: str, time: int) -> tuple[str, str, dict[str, Any]]:
    price = {"amount": "1", "currency": "EUR"} if type_ in ("invoice.issued", "payment.received") else {}
    return type_, at(time), {MONEY[type_]: id_, **price}


HAPPENED = st.one_of(
    st.builds(booking, st.sampled_from(BOOKINGS), THINGS, MINUTES, MINUTES),
    st.builds(money, st.sampled_from(sorted(MONEY)), THINGS, MINUTES),
    st.tuples(st.just("client.messaged"), MINUTES.map(at), st.just({"direction": "out"})),
)


@PROFILE
@given(st.lists(st.tuples(HAPPENED, st.sampled_from(["c1", "c4"])), min_size=2, max_size=7), st.data())
def test_p2_g1_the_last_activity_is_the_same_in_any_order_and_whenever_cards_are_merged(
    happened: list[tuple[tuple[str, str, dict[str, Any]], str]], data: st.DataObject
) -> None:
    found = []
    for is_merged in (True, False):
        salon = Driver()
        for client in ("c1", "c4"):
            salon.tell("client.created", "08:00", client_id=client)
        if is_merged:
            merge(salon, time="08:30")
        for number in range(len(happened)) if is_merged else data.draw(st.permutations(range(len(happened)))):
            (type_, time, about), client = happened[number]
            salon.tell(type_, time, id=f"e{number}", client_id=client, **about)
        if not is_merged:
            merge(salon, time="12:00")
        found.append(salon.card("c1").get("last_activity_at"))
    assert found[0] == found[1]
