"""Staff enter a new client, and write a note about one."""

from collections.abc import Callable
from typing import Any

from playwright.async_api import expect

from tests.page.conftest import NARROW, accessible, shots
from tests.page.seed import HOSTILE, Seed

Open = Callable[..., Any]


async def test_a_new_client_is_entered_with_status_and_tags(open_: Open, salon: Seed) -> None:
    page = await open_(f"/b/{salon.business}/clients")
    await page.get_by_role("button", name="New client").click()
    dialog = page.get_by_role("dialog", name="New client")
    await dialog.get_by_role("button", name="Add", exact=True).click()
    await expect(dialog.get_by_role("alert")).to_have_text("Enter a name, an e-mail address or a phone number.")
    await page.keyboard.press("Escape")
    await page.keyboard.press("Enter")  # the focus is where it was
    await expect(dialog.get_by_label("Name")).to_be_focused()
    await page.keyboard.type(HOSTILE)
    await dialog.get_by_label("E-mail").fill("noor@example.org")
    await dialog.get_by_label("Status").select_option("VIP")
    await dialog.get_by_label("Tags").fill("wedding, first visit")
    await accessible(page)
    await shots(page, "client-new")
    await dialog.get_by_role("button", name="Add", exact=True).click()
    await expect(page.get_by_role("heading", name=HOSTILE)).to_be_visible()
    await expect(page.locator(".client-status")).to_contain_text("VIP")
    await expect(page.get_by_role("list", name="Tags")).to_contain_text("first visit")
    (row,) = salon.stack.of(salon.business, "/clients?q=noor")["items"]
    assert (row["status"], sorted(row["tags"]), row["source"]) == ("vip", ["first visit", "wedding"], "manual")
    assert await page.title() != "broken in"


async def test_a_note_stands_in_the_timeline_with_its_author(open_: Open, salon: Seed) -> None:
    page = await open_(f"/b/{salon.business}/clients/ben", viewport=NARROW)
    await page.get_by_role("button", name="Actions").click()
    await page.get_by_role("menuitem", name="Write a note").click()
    dialog = page.get_by_role("dialog", name="Write a note")
    await dialog.get_by_label("Note").fill("Comes with his dog.\n<b>Likes</b> quiet.")
    await accessible(page)
    await shots(page, "client-note")
    await dialog.get_by_role("button", name="Save").click()
    await expect(dialog).to_have_count(0)
    await expect(page.get_by_text("Comes with his dog.").first).to_be_visible()
    await page.get_by_role("tab", name="Timeline").click()
    note = page.get_by_role("listitem").filter(has_text="Note by Mia")
    await expect(note).to_contain_text("<b>Likes</b> quiet.")


async def test_a_viewer_enters_nothing(open_: Open, salon: Seed) -> None:
    page = await open_(f"/b/{salon.business}/clients", who="Vera")
    await expect(page.get_by_role("link", name="Anna Rossi")).to_be_visible()
    await expect(page.get_by_role("button", name="New client")).to_have_count(0)
