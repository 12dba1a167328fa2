"""H6: what a column holds: by its name in four languages, by the business's own fields, or as it is said."""

import pytest

from worker.domain.catalogue import OwnField
from worker.spreadsheets.column_names import NAMES
from worker.spreadsheets.columns import Names, Unmappable, plain, plan
from worker.spreadsheets.tables import Unreadable

BIRTHDAY = OwnField(field_id="birthday", label="Date of birth", labels={"nl": "Geboortedatum"}, type="date")
SEGMENT = OwnField(field_id="seg", label="Segment", type="text")
TRICKY = OwnField(field_id="name", label="E-mail", type="text")
OWN = Names({field.field_id: field for field in (BIRTHDAY, SEGMENT, TRICKY)})
PLAIN = Names({})


@pytest.mark.parametrize(
    ("holds", "names"),
    [
        ("client_id", ["id", "ID", "client_id", "Client ID", "Klantnummer", "Klant-nr.", "Codice cliente",
                       "Asiakasnumero", "Customer No."]),
        ("name", ["Name", "Naam", "NOME", "Nimi", "Full name", "Volledige naam", "Nome e cognome", "Koko nimi"]),
        ("first_name", ["First name", "Voornaam", "Etunimi"]),
        ("middle_name", ["Tussenvoegsel"]),
        ("last_name", ["Last Name", "Achternaam", "Cognome", "Sukunimi"]),
        ("email", ["E-mail", "email", "E mail", "E-mailadres", "Indirizzo e-mail", "Sähköposti", "SAHKOPOSTI"]),
        ("phone", ["Phone", "Telefoon", "Telefoonnummer", "Telefono", "Cellulare", "Puhelin", "Puh.", "Kännykkä"]),
        ("status", ["Status", "Stato", "Tila"]),
        ("tags", ["Tags", "tag", "Trefwoorden", "Etichette", "Tunnisteet"]),
        ("source", ["Source", "Bron", "Fonte", "Lähde"]),
        ("staff_id", ["staff_id", "Medewerker", "Addetto", "Työntekijä"]),
        ("client_type", ["Client type", "Klanttype", "Tipo cliente", "Asiakastyyppi"]),
        ("industry", ["Industry", "Branche", "Settore", "Toimiala"]),
        ("headcount", ["Headcount", "Aantal medewerkers", "Numero di dipendenti", "Henkilöstömäärä"]),
        ("linked_systems", ["Linked systems", "linked_systems"]),
        (None, ["", "Notes", "Iets anders"]),
    ],
)  # fmt: skip
def test_h6_columns_are_known_by_name(holds: str | None, names: list[str]) -> None:
    assert {name: PLAIN.holds(name) for name in names} == dict.fromkeys(names, holds)


def test_a_name_means_one_thing() -> None:
    plain_names = [plain(name) for names in NAMES.values() for name in names]
    assert sorted(plain_names) == sorted(set(plain_names))


def test_own_fields_by_label_and_id_but_never_before_the_contract() -> None:
    for name in ("birthday", "Date of birth", "geboorte-datum", "fields.birthday", "Fields.Birthday"):
        assert OWN.holds(name) == "fields.birthday"
    assert OWN.holds("segment") == "fields.seg", "its own field is meant, not one of our other names for client_type"
    assert (OWN.holds("name"), OWN.holds("E-mail"), OWN.holds("fields.name")) == ("name", "email", "fields.name")


def test_a_plan() -> None:
    made = plan(["Nr", "Naam", "", "Geboren", "Kleur", "reason"], OWN, ["Nr=client_id", "geboren=Date of birth"])
    assert [(c.at, c.name, c.holds) for c in made.used] == [
        (0, "Nr", "client_id"), (1, "Naam", "name"), (3, "Geboren", "fields.birthday"),
    ]  # fmt: skip
    assert made.unused == ["Kleur"]


def test_a_column_can_be_left_out() -> None:
    made = plan(["email", "Mail", "name"], PLAIN, ["Mail="])
    assert ([c.holds for c in made.used], made.unused) == (["email", "name"], [])


@pytest.mark.parametrize(
    ("mapped", "told"),
    [
        ("Naam", "'Naam' is not Column=field"),
        ("=name", "is not Column=field"),
        ("Nope=name", "the file has no column 'Nope'; it has: 'Naam', 'x'"),
        ("x=nothing", "there is no field 'nothing'; there are client_id, name, .*linked_systems, fields.birthday"),
        ("x=fields.gone", "there is no field 'fields.gone'"),
    ],
)
def test_a_map_that_makes_no_sense(mapped: str, told: str) -> None:
    with pytest.raises(Unmappable, match=told):
        plan(["Naam", "x"], OWN, [mapped])
    with pytest.raises(Unmappable, match="named twice"):
        plan(["Naam", "x"], OWN, ["x=name", "X=email"])


def test_h6_two_columns_for_one_field_are_refused() -> None:
    with pytest.raises(Unreadable, match=r"'Phone' and 'Mobile' both hold the phone.*--map .Mobile="):
        plan(["name", "Phone", "Mobile"], PLAIN, [])
    with pytest.raises(Unreadable, match=r"'email' and 'E-mail' both.*give one of them another name in the file"):
        plan(["email", "E-mail"], PLAIN, [])


def test_some_column_says_who_the_client_is() -> None:
    with pytest.raises(Unreadable, match=r"no column that says who a client is.*'Kleur', 'tags'"):
        plan(["Kleur", "tags"], PLAIN, [])
