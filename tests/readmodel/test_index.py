"""H1: under which words and keys a card is found, however a name or a number is written."""

import pytest

from worker.readmodel.index import index, sort_name, terms
from worker.readmodel.keys import Keys
from worker.readmodel.names import digits, plain, words

KEYS = Keys("space", 1)
CARD = {"businessid": "b", "client_id": "c1", "status": "lead", "created_at": "2026-01-01T10:00:00Z", "sequence": 1}


def test_h1_names_are_found_without_case_and_accents() -> None:
    assert words("Zoë  O'Brien-Müller") == ["zoe", "o", "brien", "muller"]
    assert plain("ÅÄÖ Straße") == "aao strasse"


@pytest.mark.parametrize("number", ["+31 6 12345678", "0031612345678", "(+31) 6-1234.5678", "06 12 34 56 78"])
def test_h1_a_phone_number_in_any_notation_ends_alike(number: str) -> None:
    assert digits(number)[::-1].startswith("876543216")


def test_a_card_is_found_by_what_it_has() -> None:
    card = {
        **CARD, "name": "Zoë Smit", "emails": ["Zoe@Example.org"], "phones": ["+31 6 12"], "source": "web",
        "tags": [{"tag": "VIP club"}], "client_type": "A", "audiences": ["spring"], "outstanding": {"EUR": "1"},
    }  # fmt: skip
    sets, orders, found = index(KEYS, card)
    assert {key.removeprefix("space:1:") for key in sets} == {
        "all:b", "in:b:status:lead", "in:b:tag:vip club", "in:b:source:web", "in:b:client_type:A",
        "in:b:audience:spring", "in:b:has:outstanding",
    }  # fmt: skip
    assert orders[KEYS.of("by", "b:name")] == ("zoe smit\0c1", 0.0)
    assert found == {"n:zoe\0c1", "n:smit\0c1", "e:zoe@example.org\0c1", "p:21613\0c1"}


def test_a_client_without_a_name_has_a_place_all_the_same() -> None:
    assert sort_name({**CARD, "emails": ["B@x.org"]}) == "b@x.org"
    assert sort_name(CARD) == "c1"


@pytest.mark.parametrize("card", [None, {"v": 1, "businessid": "b", "client_id": "c1", "merged_into": "c2"}])
def test_what_is_no_card_is_found_nowhere(card: dict | None) -> None:
    assert index(KEYS, card) == (set(), {}, set())


def test_h1_a_number_of_zeros_is_no_number() -> None:
    assert list(terms({**CARD, "phones": ["000"]})) == []
