"""H1: names, addresses and numbers are found as people write them, not only as they were entered."""

import httpx
import pytest

from tests.console.shelf import Shelf, card

NAMES = (
    "Stichting voor de Bevordering van de Kunst in de Gemeente Amsterdam",
    "D\u2019Angelo Åse & Zn.",
    "Đorđe Żółć",
    "Øre Æsir",
    "Iş\u0131k İnci",
    "\uff26\uff55\uff4c\uff4c ﬁancé",
    "x\u200by zero",
    "ΗΛΙΑΣ",
    "中村 さくら",
    "Jean-Luc Picard",
    "24/7 Shop",
    "Ana Núñez-O\u2019Brien",
)
PHONES = (
    "+1 (415) 555-2671 ext. 12",
    "\u202a+32 475 12 34 56\u202c",
    "٠٦١٢٣٤٥٦٧٨٩",
    "tel:+49-151-12345678;ext=3",
    "(020) 7946 0958 x5",
)
LONG = "very.long.address.that.goes.on.and.on@"


async def found(http: httpx.AsyncClient, q: str) -> list[str]:
    answer = await http.get("/api/v1/businesses/salon/clients", params={"q": q})
    assert answer.status_code == 200, answer.text
    return [row["client_id"] for row in answer.json()["items"]]


@pytest.fixture
def filled(shelf: Shelf) -> None:
    """A client for each."""
    shelf.put(*(card("salon", f"n{i}", name=name) for i, name in enumerate(NAMES)))
    shelf.put(*(card("salon", f"p{i}", phones=[number]) for i, number in enumerate(PHONES)))
    shelf.put(*(card("salon", f"e{i}", emails=[f"{LONG}{i}.example"]) for i in range(2)))


@pytest.mark.usefixtures("filled")
@pytest.mark.parametrize(
    ("client", "texts"),
    [
        ("n0", ["amsterdam", "kunst amst", "stichting gemeente"]),
        ("n1", ["dangelo", "d'angelo", "angelo ase", "D\u2019ANGELO", "zn"]),
        ("n2", ["dorde", "zolc", "ĐORĐE", "żółć"]),
        ("n3", ["ore", "aesir", "øre æsir"]),
        ("n4", ["isik", "inci", "\u0131ş\u0131k", "İNCİ"]),
        ("n5", ["full", "fiance", "\uff26\uff35\uff2c\uff2c"]),
        ("n6", ["xy zero"]),
        ("n7", ["ηλιας", "Ηλίας"]),
        ("n8", ["中村", "さく"]),
        ("n9", ["jean luc", "jeanluc", "jean-luc pic"]),
        ("n10", ["24/7", "247"]),
        ("n11", ["obrien", "O'Brien", "nunez obrien", "nunezobrien", "nunez-o'b"]),
        ("p0", ["415.555.2671", "+14155552671", "(415) 555-2671 ext 12", "001 415 555 2671"]),
        ("p1", ["0475/12.34.56", "+32 475\u201112\u202f34 56", "\u202a+32 475 12 34 56\u202c", "tel:+32475123456"]),
        ("p2", ["06 123456789", "٠٦١٢٣٤٥٦٧٨٩"]),
        ("p3", ["0151 12345678", "0049 151 12345678"]),
        ("p4", ["+44 20 7946 0958", "02079460958"]),
        ("e0", [f"{LONG}0", f"{LONG.upper()}0.example"]),
        ("e1", [f"{LONG}1.example"]),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
async def test_h1_found_however_it_is_written(http: httpx.AsyncClient, client: str, texts: list[str]) -> None:
    assert [(text, await found(http, text)) for text in texts] == [(text, [client]) for text in texts]


@pytest.mark.usefixtures("filled")
@pytest.mark.parametrize("text", ["angela", "amsterdammer", "555-2672", "12@", "#12", "*", "%", "\0"])
async def test_h1_nobody_is_found_by_what_nobody_has(http: httpx.AsyncClient, text: str) -> None:
    assert await found(http, text) == []
