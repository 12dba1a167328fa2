"""Amounts and moments, to the digit."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from topics.moments import day_micros, micros, moment, rfc3339
from worker.domain import money


@given(st.lists(st.tuples(st.integers(0, 10**15 - 1), st.integers(0, 4)), min_size=1, max_size=20))
def test_sums_have_as_many_decimals_as_their_most_precise_addend(parts: list[tuple[int, int]]) -> None:
    texts = [f"{Decimal(digits).scaleb(-decimals):f}" for digits, decimals in parts]
    total = money.Sum()
    added = "0"
    for text in texts:
        total.add(*money.parse(text))
        added = money.added(added, *money.parse(text))
    assert total.text == added == f"{sum(map(Decimal, texts)):f}"


@pytest.mark.parametrize("text", ["0", "0.0", "0.0000", "1", "120.00", "0.0001", "999999999999999.9999", "007.50"])
def test_an_amount_comes_out_as_it_went_in(text: str) -> None:
    assert money.text(*money.parse(text)) == (text.lstrip("0") if text.startswith("00") else text)


@given(st.datetimes(min_value=datetime(1970, 1, 2), max_value=datetime(9998, 1, 1)))  # noqa: DTZ001
def test_moments_there_and_back(when: datetime) -> None:
    when = when.replace(tzinfo=UTC)
    assert moment(micros(when)) == when
    written = datetime.fromisoformat(rfc3339(micros(when)))
    assert written == when.replace(microsecond=when.microsecond // 1000 * 1000)
    assert ("." in rfc3339(micros(when))) == (when.microsecond >= 1000)


def test_moments_before_the_epoch_are_moments() -> None:
    assert micros(datetime(1970, 1, 1, tzinfo=UTC)) > 0
    assert micros(datetime(1900, 1, 1, tzinfo=UTC)) > 0
    assert day_micros(date(1900, 1, 1)) == 0
