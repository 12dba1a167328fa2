"""Several clients on the page: changed together, merged, exported (B9, D2, E1-E7, H6)."""

import asyncio
import contextlib
import csv
import re
from pathlib import Path

from playwright.async_api import Error, Locator, Page, Request, Route, expect

from tests.page.clients import HERE, Open, begin, many, rows, select, the_bar
from tests.page.conftest import accessible, shots
from tests.page.seed import HOSTILE, Seed

LONG_MS = 30_000


async def test_b9_a6_the_status_of_several_with_a_reason_for_the_end(open_: Open, salon: Seed) -> None:
    business, command = salon.business, salon.stack.command
    command(business, "classification.define", kind="end_reason", code="moved", label="Moved away")
    command(business, "automation.set", require_end_reason=True)
    salon.stack.shown(business, "/settings", lambda found: found["automation"]["require_end_reason"])
    page = await begin(open_, salon)
    await select(page, "Anna Rossi", "Ben de Vries")
    await the_bar(page).get_by_role("button", name="Set status").click()
    dialog = page.get_by_role("dialog")
    await dialog.get_by_label("New status").select_option(label="Inactive")
    await expect(dialog.get_by_role("button", name="Set status")).to_be_disabled()
    await dialog.get_by_label("Reason for the end").select_option(label="Moved away")
    await accessible(page)
    await dialog.get_by_role("button", name="Set status").click()
    await expect(page.get_by_text("2 changed", exact=True)).to_be_visible()
    await expect(rows(page)).to_have_count(HERE - 2)
    await expect(the_bar(page)).to_have_count(0)
    await expect(page.get_by_role("heading", name="Clients", exact=True)).to_be_focused()
    assert salon.stack.of(business, "/clients/anna")["end_reason"] == "moved"


async def test_d2_tags_of_several_and_each_refusal_by_name(open_: Open, salon: Seed) -> None:
    salon.tell(salon.event("client.updated", "ben", name=HOSTILE))
    for start in range(0, 250, 50):
        tags = [f"full {n}" for n in range(start, start + 50 - (start == 200))]
        salon.stack.command(salon.business, "tags.add", client_ids=["ben"], tags=tags)
    salon.stack.shown(salon.business, "/clients/ben", lambda card: len(card["tags"]) == 250)
    page = await begin(open_, salon)
    await page.get_by_role("checkbox", name="Select all that are shown").check()
    await the_bar(page).get_by_role("button", name="Add tags").click()
    dialog = page.get_by_role("dialog")
    await dialog.get_by_label("Tags").press_sequentially("newsletter, spring 2027,")
    await expect(dialog.locator(".tag-chip")).to_have_count(2)
    await dialog.get_by_role("button", name="Add tags").click()
    await expect(dialog.get_by_role("note")).to_contain_text(f"{HERE - 1} changed, 1 refused")
    refusal = dialog.get_by_text("A client can have at most 250 tags. Remove some first.").locator("..")
    await expect(refusal.get_by_role("listitem")).to_have_text([HOSTILE])
    await dialog.get_by_role("button", name="Done").click()
    await expect(page.get_by_role("row", name=re.compile("Anna Rossi"))).to_contain_text("+2")

    await select(page, "Anna Rossi", "Carla Weber")
    await the_bar(page).get_by_role("button", name="Remove tags").click()
    await page.get_by_role("dialog").get_by_role("button", name="loves colour").click()
    await page.get_by_role("dialog").get_by_role("button", name="Remove tags").click()
    await expect(page.get_by_text("1 changed, 1 unchanged")).to_be_visible()


async def test_e7_e4_a_merge_is_looked_at_before_it_is_done(open_: Open, salon: Seed) -> None:
    salon.tell(salon.event("client.updated", "carla", linked_systems=["datev"]))
    salon.stack.shown(salon.business, "/clients/carla", lambda card: "linked_systems" in card)
    page = await begin(open_, salon)
    await select(page, "Anna Rossi", "Carla Weber", "Femke Bakker")
    await the_bar(page).get_by_role("button", name="Merge").click()
    dialog = page.get_by_role("dialog")
    await expect(dialog.get_by_role("radio", name=re.compile("Anna Rossi"))).to_be_checked()
    await expect(dialog.get_by_role("alert")).to_contain_text(
        "Carla Weber: The client that is linked to another system must be the one that stays."
    )
    await expect(dialog.get_by_role("button", name="Merge 3 clients")).to_be_disabled()
    await dialog.get_by_role("radio", name=re.compile("Carla Weber")).check()
    taken, left = (dialog.locator(".merge-preview section").nth(n) for n in (0, 1))
    await expect(taken).to_contain_text("anna@example.org")
    await expect(taken).to_contain_text("Customer")
    await expect(left).to_contain_text("Anna Rossi")
    await expect(dialog.locator("blockquote")).to_contain_text("Merged on")
    await shots(page, "clients-merge")
    await accessible(page)
    await dialog.get_by_role("button", name="Merge 3 clients").click()
    await expect(page.get_by_text("Merged into Carla Weber.")).to_be_visible()
    await expect(rows(page)).to_have_count(HERE - 2)
    assert salon.stack.of(salon.business, "/clients/anna") == {"merged_into": "carla"}


async def test_h6_export_of_what_is_found_and_of_those_selected(open_: Open, salon: Seed, tmp_path: Path) -> None:
    page = await begin(open_, salon, "?preset=status:customer", 4, who="Vera")

    async def exported(where: Page | Locator, item: str) -> list[str]:
        async with page.expect_download() as download:
            await where.get_by_role("button", name="Export").click()
            await page.get_by_role("menuitem", name=item).click()
        await (await download.value).save_as(tmp_path / "clients.csv")
        text = (tmp_path / "clients.csv").read_text(encoding="utf-8-sig")
        return [
            row["client_id"] for row in csv.DictReader(text.splitlines(), delimiter=";" if "Excel" in item else ",")
        ]

    assert await exported(page.locator(".page-head"), "CSV (commas)") == ["anna", "ben", "elif", "hugo"]
    await select(page, "Hugo Martin", "Ben de Vries")
    assert await exported(the_bar(page), "CSV for Excel (semicolons)") == ["ben", "hugo"]


async def test_all_that_were_found_are_changed_in_one_go(open_: Open, seed: Seed) -> None:
    """In several commands, so that one sees how far it is, with one answer."""
    page = await begin(open_, many(seed, 1_050), "", 50)
    sent: list[int] = []
    page.on("request", lambda asked: sent.append(len(_named(asked))) if asked.method == "POST" else None)
    await page.get_by_role("checkbox", name="Select all that are shown").check()
    await page.get_by_role("button", name="Select all 1,050 that were found").click()
    await expect(the_bar(page)).to_contain_text("1,050 selected")
    await expect(the_bar(page).get_by_role("button", name="Merge")).to_be_disabled()
    await the_bar(page).get_by_role("button", name="Set status").click()
    await page.get_by_role("dialog").get_by_label("New status").select_option(label="VIP")
    await page.get_by_role("dialog").get_by_role("button", name="Set status").click()
    await expect(page.get_by_text("1,050 changed")).to_be_visible(timeout=LONG_MS)
    assert sent == [250, 250, 250, 250, 50]
    vip = page.get_by_role("navigation", name="Show").get_by_role("link", name="VIP")
    await expect(vip).to_contain_text("1,050", timeout=LONG_MS)


async def test_who_asks_for_others_meanwhile_has_nobody_selected(open_: Open, seed: Seed) -> None:
    """All that were found are looked for; what is found of them comes when something else is on show."""
    page = await begin(open_, many(seed, 60), "", 50)
    late = asyncio.Event()

    async def hold(route: Route) -> None:
        await late.wait()
        with contextlib.suppress(Error):  # it was given up
            await route.continue_()

    await page.get_by_role("checkbox", name="Select all that are shown").check()
    await page.route("**/clients?*limit=200*", hold)
    await page.get_by_role("button", name="Select all 60 that were found").click()
    await expect(page.get_by_role("progressbar")).to_be_visible()
    await page.get_by_role("searchbox").fill("Client 007")
    await expect(rows(page)).to_have_text(["Client 007"])
    late.set()
    await select(page, "Client 007")
    await expect(the_bar(page)).to_contain_text("1 selected")
    await asyncio.sleep(0.5)
    await expect(the_bar(page)).to_contain_text("1 selected")


def _named(asked: Request) -> list[str]:
    named: list[str] = asked.post_data_json["data"]["client_ids"]
    return named
