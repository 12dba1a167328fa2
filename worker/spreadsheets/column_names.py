"""The names by which columns are known, in English, Dutch, Italian and Finnish. Case, spaces, accents and punctuation
do not matter. What stands first is the name in the contract, and the one that an export writes."""

from collections.abc import Mapping
from typing import Final

NAMES: Final[Mapping[str, tuple[str, ...]]] = {
    "client_id": (
        "client_id", "id", "client number", "client no", "client code", "customer id", "customer number", "customer no",
        "customer code", "external id", "klant id", "klantnummer", "klantnr", "klantcode", "cliëntnummer",
        "relatienummer", "debiteurnummer", "codice cliente", "id cliente", "numero cliente", "codice",
        "asiakasnumero", "asiakasnro", "asiakas id", "asiakastunnus", "tunnus",
    ),
    "name": (
        "name", "full name", "display name", "client", "client name", "customer", "customer name", "contact",
        "contact name", "naam", "volledige naam", "klant", "klantnaam", "relatie", "contactpersoon", "nome",
        "nome completo", "nome e cognome", "cognome e nome", "nominativo", "cliente", "nome cliente", "ragione sociale",
        "nimi", "koko nimi", "asiakas", "asiakkaan nimi", "asiakasnimi",
    ),
    "first_name": ("first_name", "given name", "forename", "voornaam", "etunimi"),
    "middle_name": ("middle_name", "infix", "tussenvoegsel", "tussenvoegsels"),
    "last_name": ("last_name", "surname", "family name", "achternaam", "familienaam", "cognome", "sukunimi"),
    "email": (
        "email", "emails", "e-mail address", "mail", "mail address", "e-mailadres", "mailadres", "posta elettronica",
        "indirizzo e-mail", "indirizzo mail", "indirizzo di posta elettronica", "sähköposti", "sähköpostiosoite",
        "sposti",
    ),
    "phone": (
        "phone", "phones", "phone number", "telephone", "telephone number", "tel", "mobile", "mobile number",
        "mobile phone", "cell", "cell phone", "telefoon", "telefoonnummer", "mobiel", "mobiel nummer", "gsm",
        "telefono", "numero di telefono", "cellulare", "numero di cellulare", "puhelin", "puhelinnumero", "puh",
        "matkapuhelin", "kännykkä",
    ),
    "source": (
        "source", "origin", "lead source", "channel", "bron", "herkomst", "kanaal", "fonte", "origine", "provenienza",
        "lähde", "alkuperä", "kanava",
    ),
    "staff_id": (
        "staff_id", "staff", "staff member", "assigned to", "owner", "medewerker", "toegewezen aan", "behandelaar",
        "addetto", "operatore", "collaboratore", "assegnato a", "vastuuhenkilö", "työntekijä",
    ),
    "status": (
        "status", "client status", "customer status", "klantstatus", "stato", "stato cliente", "tila", "asiakkaan tila",
        "asiakastila",
    ),
    "tags": (
        "tags", "tag", "labels", "label", "keywords", "trefwoorden", "kenmerken", "etichette", "etichetta",
        "tunnisteet", "tunniste", "avainsanat",
    ),
    "client_type": (
        "client_type", "customer type", "type", "segment", "klanttype", "type klant", "soort klant", "tipo cliente",
        "tipo di cliente", "tipologia", "asiakastyyppi", "asiakasryhmä",
    ),
    "industry": (
        "industry", "sector", "branche", "settore", "settore di attività", "toimiala", "ala",
    ),
    "headcount": (
        "headcount", "employees", "number of employees", "company size", "aantal medewerkers", "aantal werknemers",
        "dipendenti", "numero dipendenti", "numero di dipendenti", "henkilöstömäärä", "henkilömäärä",
    ),
    "linked_systems": ("linked_systems", "gekoppelde systemen", "sistemi collegati", "linkitetyt järjestelmät"),
}  # fmt: skip
"""By what a column holds: its names."""
REASON: Final = "reason"
"""The column that a file of refused rows has besides; reading passes over it."""
