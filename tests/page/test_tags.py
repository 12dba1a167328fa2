"""All tags of a business on the page: found, renamed, made one, deleted (D7)."""

from collections.abc import Callable
from typing import Any

from playwright.async_api import Locator, Page, expect

from tests.page.conftest import NARROW, accessible, shots
from tests.page.seed import Seed

Open = Callable[..., Any]


async def tags(open_: Open, seed: Seed, **options: Any) -> Page:
    """The list."""
    page: Page = await open_(f"/b/{seed.business}/automation/tags", **options)
    return page


def line(page: Page, tag: str) -> Locator:
    """One of them, with how many clients have it."""
    return page.locator("li.line").filter(has=page.get_by_text(tag, exact=True))


def of(seed: Seed, client: str) -> list[str]:
    """The tags of a client."""
    return sorted(one["tag"] for one in seed.stack.of(seed.business, f"/clients/{client}").get("tags", []))


async def test_d7_a_tag_is_renamed_for_every_client(open_: Open, salon: Seed) -> None:
    page = await tags(open_, salon)
    await expect(line(page, "newsletter")).to_contain_text("4 clients")
    await page.get_by_role("button", name="Change newsletter").click()
    dialog = page.get_by_role("dialog")
    await expect(dialog).to_contain_text("4 clients have it.")
    await dialog.get_by_role("textbox", name="New name").fill("news")
    await accessible(page)
    await shots(page, "tags-rename")
    await page.keyboard.press("Enter")
    await expect(line(page, "news")).to_contain_text("4 clients")
    await expect(line(page, "newsletter")).to_have_count(0)
    assert of(salon, "anna") == ["loves colour", "news"]
    await accessible(page)
    await shots(page, "tags")


async def test_d7_two_tags_become_one_and_the_page_says_so_before(open_: Open, salon: Seed) -> None:
    page = await tags(open_, salon)
    await page.get_by_role("button", name="Change new", exact=True).click()
    dialog = page.get_by_role("dialog")
    await dialog.get_by_role("textbox", name="New name").fill("NEWSLETTER")
    await expect(dialog).to_contain_text("There is the tag “newsletter” already, with 4 clients")
    await dialog.get_by_role("button", name="Make them one").click()
    await expect(dialog).to_have_count(0)
    assert [tag.lower() for tag in of(salon, "femke")] == ["newsletter"]
    await expect(page.locator("li.line")).to_have_count(5)


async def test_d7_a_tag_is_deleted(open_: Open, salon: Seed) -> None:
    page = await tags(open_, salon, viewport=NARROW)
    await page.get_by_role("button", name="Remove wedding").click()
    dialog = page.get_by_role("dialog")
    await expect(dialog).to_contain_text("3 clients lose it.")
    await dialog.get_by_role("button", name="Remove").click()
    await expect(line(page, "wedding")).to_have_count(0)
    assert of(salon, "elif") == []


async def test_many_tags_are_found_by_a_part_of_their_name(open_: Open, seed: Seed) -> None:
    seed.tell(*(seed.event("client.created", f"c{n}", tags=[f"tag {n}"]) for n in range(60)))
    seed.stack.shown(seed.business, "/counts", lambda counts: len(counts["tags"]) == 60)
    page = await tags(open_, seed, who="Vera")
    await expect(page.locator("li.line")).to_have_count(50)
    await page.get_by_role("button", name="Show 10 more").click()
    await expect(page.locator("li.line")).to_have_count(60)
    await page.get_by_label("Find a tag").fill("TAG 59")
    await expect(page.locator("li.line")).to_have_count(1)
    await expect(page.get_by_role("button", name="Change")).to_have_count(0)
    await page.get_by_role("link", name="1 client").click()
    await expect(page.locator(".client-link")).to_have_count(1)
