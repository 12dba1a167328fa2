"""Clients out of a spreadsheet, brought in from the page (H6)."""

from collections.abc import Callable
from typing import Any

from playwright.async_api import FilePayload, Locator, Page, expect

from tests.page.conftest import NARROW, accessible, shots
from tests.page.seed import Seed

Open = Callable[..., Any]
ROWS = """Naam;E-mail;Labels;Score;Kind
Zoë Smit;zoe@example.org;gold, new;7;a
Broken;not an address;;;
Noor Vos;noor@example.org;;;b
"""


def file(text: str = ROWS, name: str = "klanten.csv") -> FilePayload:
    """A file as somebody chooses it."""
    return {"name": name, "mimeType": "text/csv", "buffer": text.encode()}


async def chosen(page: Page, role: Any = "button", name: str = "Import", **more: Any) -> Locator:
    """The dialog, with a file in it that was looked at."""
    await page.get_by_role(role, name=name).click()
    dialog = page.get_by_role("dialog")
    await dialog.locator("input[type=file]").set_input_files(file(**more))
    return dialog


async def test_h6_a_file_is_looked_at_mapped_and_imported(open_: Open, salon: Seed) -> None:
    page = await open_(f"/b/{salon.business}/clients")
    dialog = await chosen(page)
    await expect(dialog.get_by_text("2 rows can be imported")).to_be_visible()
    await expect(dialog.get_by_text("Row 3:")).to_be_visible()
    kind = dialog.get_by_label("What the column Kind holds")
    await expect(kind).to_have_value("")
    await expect(dialog.get_by_label("What the column Labels holds")).to_have_value("tags")
    await accessible(page)
    await shots(page, "import")
    await kind.select_option("Source")
    await dialog.get_by_role("button", name="Import 2 clients").click()
    await expect(dialog.get_by_text("2 rows were imported")).to_be_visible()
    async with page.expect_download() as download:
        await dialog.get_by_role("button", name="Download the refused rows").click()
    assert (await download.value).suggested_filename == "klanten.rejected.csv"
    await accessible(page)
    await shots(page, "import-done")
    await dialog.get_by_role("button", name="Done").click()
    await expect(page.get_by_role("link", name="Zoë Smit")).to_be_visible()
    (row,) = salon.stack.of(salon.business, "/clients?q=zoe")["items"]
    assert (sorted(row["tags"]), row["source"]) == (["gold", "new"], "a")


async def test_h6_a_file_that_cannot_be_used_says_why(open_: Open, salon: Seed) -> None:
    page = await open_(f"/b/{salon.business}/clients", viewport=NARROW, locale="nl-NL")
    await page.get_by_role("button", name="Meer").click()
    dialog = await chosen(page, "menuitem", "Importeren", text="kleur\nrood\n")
    await expect(dialog.get_by_role("alert")).to_contain_text("Dit bestand is niet te gebruiken.")
    await expect(dialog.get_by_role("alert")).to_contain_text("klanten.csv has no column that says who a client is")
    await shots(page, "import-refused-nl")
    await dialog.locator("input[type=file]").set_input_files(file())
    await expect(dialog.get_by_role("button", name="2 klanten importeren")).to_be_enabled()


async def test_h6_an_import_tells_how_far_it_is(open_: Open, seed: Seed) -> None:
    seed.tell(seed.event("automation.set", enabled=True))
    page = await open_(f"/b/{seed.business}/clients")
    text = "name,email\n" + "".join(f"Client {n},c{n}@example.org\n" for n in range(2_000))
    dialog = await chosen(page, text=text)
    await dialog.get_by_role("button", name="Import 2,000 clients").click()
    await expect(dialog.get_by_text("2,000 rows were imported")).to_be_visible()
    seed.stack.shown(seed.business, "/counts", lambda counts: counts["total"] == 2_000)
    await page.keyboard.press("Escape")
    await expect(page.locator(".client-link").first).to_be_visible()


async def test_a_viewer_imports_nothing(open_: Open, salon: Seed) -> None:
    page = await open_(f"/b/{salon.business}/clients", who="Vera")
    await expect(page.get_by_role("link", name="Anna Rossi")).to_be_visible()
    await expect(page.get_by_role("button", name="Import")).to_have_count(0)
