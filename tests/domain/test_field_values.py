"""Own fields (G2): what a definition must be, and what value each type takes."""

from typing import get_args

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from topics.clients import MAX_FIELDS
from topics.control import FieldDefine, FieldType
from worker.domain.catalogue import OwnField
from worker.domain.field_values import (
    MAX_CHOICE,
    MAX_CHOICES,
    MAX_FORMS,
    MAX_NUMBER,
    MAX_TEXT,
    MAX_URL,
    InvalidField,
    InvalidValue,
    check,
    check_all,
    define,
)
from worker.domain.labels import MAX_LABEL
from worker.domain.session import Refused

TYPES = get_args(FieldType)


def field(type_: FieldType, field_id: str = "f") -> OwnField:
    return OwnField(field_id=field_id, label="F", type=type_, choices=("Red", "dark blue") if type_ == "choice" else ())


def defined(**data: object) -> OwnField:
    message = msgspec.convert({"field_id": "f", "label": "F", "type": "text"} | data, FieldDefine)
    return define(message, {})


# --- values -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("type_", "value"),
    [
        ("text", "x"),
        ("text", "two\nlines, and ÄÖ"),
        ("text", "12"),
        ("text", "x" * MAX_TEXT),
        ("number", 0),
        ("number", -3.25),
        ("number", MAX_NUMBER),
        ("number", -MAX_NUMBER),
        ("date", "2026-01-31"),
        ("date", "2024-02-29"),
        ("date", "0001-01-01"),
        ("bool", True),
        ("bool", False),
        ("email", "anna@example.com"),
        ("email", "Anna.O'Neil+news@sub.example.co.uk"),
        ("email", "jörg@müller.example"),
        ("email", "a@xn--mller-kva.example"),
        ("phone", "112"),
        ("phone", "+39 06 1234567"),
        ("phone", "0039-06-123.45.67"),
        ("phone", "(020) 7946 0958"),
        ("phone", "020 7946 0958 ext. 12"),
        ("phone", "020 7946 0958 x12"),
        ("url", "https://www.example.com"),
        ("url", "HTTP://example.com:8080/a?b=c#d"),
        ("url", "https://müller.example/ä"),
        ("url", "https://[::1]/"),
        ("choice", "Red"),
        ("choice", "dark blue"),
    ],
)
def test_a_value_of_the_type_is_kept_as_it_is(type_: FieldType, value: object) -> None:
    kept = check(field(type_), value)
    assert kept == value
    assert type(kept) is type(value)


@pytest.mark.parametrize(
    ("type_", "value"),
    [
        ("text", 12),
        ("text", True),
        ("text", "x" * (MAX_TEXT + 1)),
        ("number", "12"),
        ("number", "many"),
        ("number", True),
        ("number", MAX_NUMBER + 1),
        ("number", -(10**400)),
        ("number", 1e300),
        ("number", float("inf")),
        ("number", float("nan")),
        ("date", "2026-02-29"),
        ("date", "2026-1-31"),
        ("date", "31-01-2026"),
        ("date", "20260131"),
        ("date", "2026-01-31T10:00:00Z"),
        ("date", 20260131),
        ("bool", "true"),
        ("bool", 1),
        ("bool", 0),
        ("email", "anna"),
        ("email", "anna@"),
        ("email", "@example.com"),
        ("email", "anna@example"),
        ("email", "anna@@example.com"),
        ("email", "anna b@example.com"),
        ("email", "anna@example.com, b@example.com"),
        ("email", "Anna <anna@example.com>"),
        ("email", "anna@example..com"),
        ("email", "an..na@example.com"),
        ("email", ".anna@example.com"),
        ("email", "anna.@example.com"),
        ("email", "anna@-example.com"),
        ("email", "anna@example-.com"),
        ("email", "anna@example.com\nbcc: x@y.example"),
        ("email", "a" * 65 + "@example.com"),
        ("email", "a@" + "b" * 63 + ("." + "b" * 63) * 4),
        ("email", 5),
        ("phone", "12"),
        ("phone", "call me"),
        ("phone", "+"),
        ("phone", "06 1234567 office"),
        ("phone", "1" * 18),
        ("phone", "12 ext 3456"),
        ("phone", "06+1234567"),
        ("phone", "٠٦١٢٣٤"),
        ("phone", 61234567),
        ("url", "www.example.com"),
        ("url", "example"),
        ("url", "javascript:alert(1)"),
        ("url", "ftp://example.com"),
        ("url", "https://"),
        ("url", "https:///path"),
        ("url", "https://exa mple.com"),
        ("url", "https://example.com/\x00"),
        ("url", "https://example.com/a\nb"),
        ("url", "https://[::1"),
        ("url", "https://example.com:99999"),
        ("url", "https://example.com/" + "x" * MAX_URL),
        ("url", 5),
        ("choice", "red"),
        ("choice", "Green"),
        ("choice", 1),
        ("choice", True),
    ],
)
def test_a_value_that_is_not_of_the_type_is_refused_with_what_is_needed(type_: FieldType, value: object) -> None:
    with pytest.raises(InvalidValue) as refused:
        check(field(type_), value)
    assert "needed" in str(refused.value) or "at most" in str(refused.value) or "no dot" in str(refused.value)


@pytest.mark.parametrize("type_", [t for t in TYPES if t != "text"])
def test_a_refused_value_is_never_shown(type_: FieldType) -> None:
    with pytest.raises(InvalidValue) as refused:
        check(field(type_), "s3cret, s3cret")
    assert "s3cret" not in str(refused.value)


@pytest.mark.parametrize("blank", [None, "", "  ", "\n\t"])
@pytest.mark.parametrize("type_", TYPES)
def test_blank_is_no_value_of_every_type(type_: FieldType, blank: object) -> None:
    assert check(field(type_), blank) is None


def test_texts_are_trimmed() -> None:
    assert check(field("text"), " a b\n") == "a b"
    assert check(field("email"), " anna@example.com ") == "anna@example.com"
    assert check(field("choice"), "Red ") == "Red"


@given(
    st.sampled_from(TYPES),
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(),
        st.floats(),
        st.text(),
        st.text(alphabet="a.@-+ x#0123456789:/[]"),
        st.from_regex(r"\A(https?://)?[a-z.@:/?\[\]]{0,20}\Z"),
    ),
)
def test_whatever_comes_is_kept_or_refused_and_what_is_kept_is_kept_again(type_: FieldType, value: object) -> None:
    try:
        kept = check(field(type_), value)
    except InvalidValue:
        return
    assert check(field(type_), kept) == kept
    msgspec.json.encode(kept)


# --- all values of a message ------------------------------------------------------------------------------------------

FIELDS = {"size": field("number", "size"), "born": field("date", "born")}


def test_all_values_of_a_message_are_checked_and_null_clears() -> None:
    assert check_all(FIELDS, {"size": 3, "born": " "}, "b") == {"size": 3, "born": None}
    assert check_all(FIELDS, {}, "b") == {}


def test_a_value_of_the_wrong_type_refuses_the_record() -> None:
    with pytest.raises(Refused) as refused:
        check_all(FIELDS, {"born": "2026-01-31", "size": "large"}, "b")
    assert refused.value.code == "invalid_field_value"
    assert refused.value.message == "data.fields.size: a number such as 42 or 3.5 is needed, this is a text"


def test_an_unknown_field_refuses_the_record_before_any_value_is_looked_at() -> None:
    with pytest.raises(Refused) as refused:
        check_all(FIELDS, {"size": "large", "shoe": 3}, "b")
    assert refused.value.code == "unknown_field"
    assert "data.fields.shoe" in refused.value.message


def test_an_unknown_field_is_unknown_even_without_a_value() -> None:
    with pytest.raises(Refused, match="no such field"):
        check_all(FIELDS, {"x" * 5_000: None}, "b")


def test_a_message_does_not_repeat_a_long_name() -> None:
    with pytest.raises(Refused) as refused:
        check_all({}, {"x" * 5_000: None}, "b")
    assert len(refused.value.message) < 200


# --- definitions ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("type_", [t for t in TYPES if t != "choice"])
def test_a_field_is_defined(type_: FieldType) -> None:
    own = defined(type=type_, required=True, forms=["booking", " contact ", "booking"])
    assert own == OwnField(field_id="f", label="F", type=type_, required=True, forms=("booking", "contact"))


def test_a_choice_has_its_choices_in_the_order_given_each_once() -> None:
    assert defined(type="choice", choices=["red", " blue ", "red"]).choices == ("red", "blue")


def test_a_label_may_be_one_for_each_language() -> None:
    assert defined(label={"en": "Size", "nl": "Maat"}).labels == {"en": "Size", "nl": "Maat"}


@pytest.mark.parametrize(
    ("data", "place"),
    [
        ({"type": "choice"}, "data.choices"),
        ({"type": "choice", "choices": []}, "data.choices"),
        ({"type": "choice", "choices": ["a", "  "]}, "data.choices"),
        ({"type": "choice", "choices": ["x" * (MAX_CHOICE + 1)]}, "data.choices"),
        ({"type": "choice", "choices": [str(i) for i in range(MAX_CHOICES + 1)]}, "data.choices"),
        ({"type": "number", "choices": ["a"]}, "data.choices"),
        ({"label": {}}, "data.label"),
        ({"label": "x" * (MAX_LABEL + 1)}, "data.label"),
        ({"label": {"en": "x", "nl": "x" * (MAX_LABEL + 1)}}, "data.label"),
        ({"forms": [" "]}, "data.forms"),
        ({"forms": [str(i) for i in range(MAX_FORMS + 1)]}, "data.forms"),
    ],
)
def test_a_definition_that_makes_no_sense_is_refused(data: dict[str, object], place: str) -> None:
    with pytest.raises(InvalidField, match=f"^{place}: "):
        defined(**data)


def test_the_number_of_fields_has_a_bound() -> None:
    known = {f"f{i}": field("text", f"f{i}") for i in range(MAX_FIELDS)}
    message = msgspec.convert({"field_id": "one_more", "label": "F", "type": "text"}, FieldDefine)
    with pytest.raises(InvalidField, match="at most 200"):
        define(message, known)
    again = msgspec.convert({"field_id": "f7", "label": "F", "type": "date"}, FieldDefine)
    assert define(again, known).type == "date"


def test_a_field_survives_being_stored() -> None:
    own = defined(type="choice", choices=["red"], label={"en": "Colour"}, forms=["booking"])
    assert msgspec.json.decode(msgspec.json.encode(own), type=OwnField) == own
