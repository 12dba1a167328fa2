"""Times are kept to the microsecond, and written to the millisecond: what is shown decides nothing."""

import pytest

from tests.domain.driver import Driver, check_sequences

MOMENTS = ["10:00:00", "10:00:00.000001", "10:00:00.123", "10:00:00.123456", "10:00:00.999999"]


@pytest.mark.parametrize("moment", MOMENTS)
def test_b10_nobody_goes_quiet_in_the_millisecond_in_which_a_fact_makes_a_customer(moment: str) -> None:
    salon = Driver(now="2024-05-20T10:00:01Z")
    salon.ask("automation.set", "2024-01-01T00:00:00Z", inactive_after_days=30)
    salon.tell("client.created", "2024-02-01T10:00:00.5Z", client_id="c1")
    fact = {"client_id": "c1", "payment_id": "p1", "amount": "1", "currency": "EUR"}
    salon.tell("payment.received", f"2024-05-20T{moment}Z", **fact)
    salon.settle()
    assert [change[:2] for change in salon.changes("c1")] == [(None, "lead"), ("lead", "customer")]
    assert salon.at("2024-06-19T09:59:59.999999Z") == []
    salon.at("2024-06-19T10:00:01Z")
    assert [change[:2] for change in salon.changes("c1")][2:] == [("customer", "inactive")]
    assert salon.about("c1")[-1]["time"] == salon.about("c1")[1]["time"].replace("05-20", "06-19")
    check_sequences(salon.outputs)


@pytest.mark.parametrize("moment", MOMENTS)
def test_b10_the_way_back_is_long_after_it(moment: str) -> None:
    salon = Driver(now="2024-09-20T10:00:01Z")
    salon.ask("automation.set", "2024-01-01T00:00:00Z", inactive_after_days=30)
    for number, month in enumerate((3, 5, 9)):
        fact = {"client_id": "c1", "payment_id": f"p{number}", "amount": "1", "currency": "EUR"}
        salon.tell("payment.received", f"2024-0{month}-20T{moment}Z", **fact)
        salon.settle()
    ways = [("customer", "inactive"), ("inactive", "customer")]
    assert [change[:2] for change in salon.changes("c1")] == [(None, "lead"), ("lead", "customer"), *ways, *ways]
    check_sequences(salon.outputs)


@pytest.mark.parametrize("moment", MOMENTS)
def test_b10_e3_a_merge_at_the_time_of_the_latest_fact(moment: str) -> None:
    salon = Driver(now="2024-05-20T10:00:01Z")
    salon.ask("automation.set", "2024-01-01T00:00:00Z", inactive_after_days=30)
    salon.tell("client.created", "2024-02-01T10:00:00Z", client_id="c1")
    salon.tell("status.set", "2024-02-01T10:00:00Z", client_ids=["c2"], status="vip")
    fact = {"client_id": "c2", "payment_id": "p1", "amount": "1", "currency": "EUR"}
    salon.tell("payment.received", f"2024-05-20T{moment}Z", **fact)
    salon.tell("clients.merge", "2024-05-01T10:00:00Z", primary_id="c1", duplicate_ids=["c2"])
    salon.settle()
    changes = [change for change in salon.changes("c1") if change[0] != "review"]
    assert [change[:2] for change in changes] == [(None, "lead"), ("lead", "customer")]
    check_sequences(salon.outputs)
