"""H1: how names and numbers are written to be found and sorted."""

import pytest

from worker.readmodel.names import digits, plain, sort_name, words


def test_h1_names_are_found_without_case_and_accents() -> None:
    assert words("Zoë  O'Brien-Müller") == ["zoe", "o", "brien", "muller"]
    assert words("Anna  de Vries 2") == ["anna", "de", "vries", "2"]
    assert plain("ÅÄÖ Straße") == "aao strasse"


@pytest.mark.parametrize("number", ["+31 6 12345678", "0031612345678", "(+31) 6-1234.5678", "06 12 34 56 78"])
def test_h1_a_phone_number_in_any_notation_ends_alike(number: str) -> None:
    assert digits(number)[::-1].startswith("876543216")


def test_a_client_without_a_name_has_a_place_all_the_same() -> None:
    assert sort_name("Zoë Smit", ["B@x.org"], "c1") == "zoe smit"
    assert sort_name(None, ["B@x.org"], "c1") == "b@x.org"
    assert sort_name("", [], "C1") == "c1"


def test_h1_a_number_of_zeros_is_no_number() -> None:
    assert digits("000") == ""
