"""Clients on the page: found, narrowed, saved as filters, changed together, merged, exported (H1-H4, H6, F1, E1-E7)."""

import csv
import re
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Locator, Page, expect

from tests.page.conftest import NARROW, accessible, shots
from tests.page.seed import CLIENTS, ENDED, HOSTILE, LONG, Seed

Open = Callable[..., Awaitable[Page]]
HERE = len(CLIENTS) - 1
"""Those whose relationship has not ended."""


@pytest.fixture
def many(seed: Seed) -> Seed:
    """More clients than one page shows."""
    seed.tell(*(seed.event("client.created", f"c{n:03}", name=f"Client {n:03}") for n in range(120)))
    seed.stack.shown(seed.business, "/clients", lambda found: found["total"] == 120)
    return seed


def rows(page: Page) -> Locator:
    return page.locator(".client-link")


async def begin(open_: Open, seed: Seed, query: str = "", shown: int | None = HERE, **options: Any) -> Page:
    page = await open_(f"/b/{seed.business}/clients{query}", **options)
    if shown is not None:
        await expect(rows(page)).to_have_count(shown)
    return page


async def select(page: Page, *names: str) -> None:
    for name in names:
        await page.get_by_role("checkbox", name=f"Select {name}").check()


def the_bar(page: Page) -> Locator:
    return page.get_by_role("region", name="Selected clients")


TYPED = {
    "garcia": "Inés García",
    "ros": "Anna Rossi",
    "hugo@": "Hugo Martin",
    "0031 20-555 0123": "Ben de Vries",
    "<img": HOSTILE,
}


async def test_h1_one_finds_clients_as_one_types(open_: Open, salon: Seed) -> None:
    page = await begin(open_, salon)
    for typed, found in TYPED.items():
        await page.get_by_role("searchbox").fill("")
        await expect(rows(page)).to_have_count(HERE)
        await page.get_by_role("searchbox").press_sequentially(typed)
        await expect(rows(page)).to_have_text([found])
        await expect(page.get_by_role("status").get_by_text("1 client", exact=True)).to_be_visible()


async def test_what_is_chosen_stands_in_the_address(open_: Open, salon: Seed) -> None:
    page = await begin(open_, salon)
    await page.get_by_role("navigation", name="Show").get_by_role("link", name="VIP").click()
    await expect(rows(page)).to_have_text(["Inés García"])
    await page.get_by_role("searchbox").fill("nobody at all")
    await expect(page.get_by_role("heading", name="Nobody found")).to_be_visible()
    await expect(page).to_have_url(re.compile(r"clients\?q=nobody\+at\+all&preset=status%3Avip"))
    await page.reload()
    await expect(page.get_by_role("searchbox")).to_have_value("nobody at all")
    await page.get_by_role("button", name="Clear the search").click()
    await expect(rows(page)).to_have_text(["Inés García"])
    await page.go_back()
    await expect(rows(page)).to_have_count(HERE)
    await page.get_by_label("Order").select_option("created_at")
    await expect(rows(page).first).to_have_text(HOSTILE)


async def test_h2_h4_one_preset_at_a_time_with_its_number(open_: Open, salon: Seed) -> None:
    page = await begin(open_, salon)
    show = page.get_by_role("navigation", name="Show")
    for preset, count in (("Customer", 4), ("newsletter", 4), ("Upcoming booking", 2), ("Outstanding payment", 1)):
        link = show.get_by_role("link", name=re.compile(f"^{preset}"))
        await expect(link).to_contain_text(str(count))
        await link.click()
        await expect(rows(page)).to_have_count(count)
        await expect(show.locator("[aria-current]")).to_have_text(re.compile(preset))


async def test_h3_ended_clients_are_left_out_and_told_of(open_: Open, salon: Seed) -> None:
    page = await begin(open_, salon)
    await expect(page.get_by_text("1 ended client hidden")).to_be_visible()
    await page.get_by_role("button", name="Show", exact=True).click()
    await expect(rows(page)).to_have_count(len(CLIENTS))
    await page.get_by_role("button", name="Hide").click()
    await expect(rows(page)).to_have_count(HERE)
    await page.get_by_role("searchbox").fill(ENDED)
    await page.get_by_role("button", name="Show 1 ended client").click()
    await expect(rows(page)).to_have_text(["Giulia Conti"])


async def test_h2_filters_together_as_chips(open_: Open, salon: Seed) -> None:
    """G2, F3: own fields are there with the operators of their type."""
    define = {"field_id": "size", "label": "Shoe size", "type": "number"}
    assert salon.stack.command(salon.business, "field.define", **define)["type"] == "command.applied"
    salon.tell(
        *(
            salon.event("client.updated", one, fields={"size": n})
            for one, n in (("anna", 38), ("ben", 44), ("elif", 40))
        )
    )
    salon.stack.shown(salon.business, "/clients/elif", lambda card: card.get("fields") == {"size": 40})
    page = await begin(open_, salon)
    await page.get_by_role("button", name="Filters").click()
    dialog = page.get_by_role("dialog")
    await dialog.get_by_label("Field").select_option(label="Shoe size")
    said = await dialog.get_by_label("Comparison").locator("option").all_text_contents()
    assert said == ["is", "is not", "is at least", "is at most", "is more than", "is less than", "is between",
                    "is known", "is not known"]  # fmt: skip
    await dialog.get_by_label("Comparison").select_option(label="is between")
    await dialog.get_by_role("button", name="Apply").click()
    await expect(dialog.get_by_text("Give both, the smaller one first.")).to_be_visible()
    await dialog.get_by_label("From").fill("36")
    await dialog.get_by_label("Until").fill("40")
    await dialog.get_by_role("button", name="Add a condition").click()
    await dialog.get_by_label("Field").nth(1).select_option(label="Tags")
    await dialog.get_by_role("combobox", name="Values").fill("loves colour")
    await accessible(page)
    await dialog.get_by_role("button", name="Apply").click()
    await expect(rows(page)).to_have_text(["Anna Rossi"])
    chips = page.get_by_role("list", name="Filters")
    await expect(chips.get_by_role("listitem")).to_have_text(
        [re.compile("Shoe size between 36 and 40"), re.compile("and.*Tags include loves colour", re.DOTALL)]
    )
    await chips.get_by_role("button", name="Remove the filter: Tags include loves colour").click()
    await expect(rows(page)).to_have_text(["Anna Rossi", "Elif Kaya"])
    await page.get_by_role("button", name="Remove all filters").click()
    await expect(rows(page)).to_have_count(HERE)


async def test_groups_that_the_editor_cannot_show_are_told_and_kept(open_: Open, salon: Seed) -> None:
    nested = (
        '{"any":[{"all":[{"field":"tags","op":"has_any","value":["wedding"]},{"field":"status","op":"eq","value":"vip"}]},'
        '{"not":{"field":"ended","op":"eq","value":false}},{"field":"name","op":"starts_with","value":"anna"}]}'
    )
    page = await begin(open_, salon, f"?filter={nested}", 3)
    chips = page.get_by_role("list", name="Filters").get_by_role("listitem")
    await expect(chips.first).to_contain_text("Tags include wedding and Status is VIP")
    await expect(chips.nth(1)).to_contain_text("not: Relationship ended: no")
    await chips.nth(2).get_by_role("button", name="Name begins with anna", exact=True).click()
    dialog = page.get_by_role("dialog")
    await expect(dialog.get_by_role("radio", name="Any of these holds")).to_be_checked()
    await dialog.get_by_role("combobox", name="Field").nth(0).select_option(label="Name")
    await dialog.get_by_label("Value").fill("ben")
    await dialog.get_by_role("button", name="Apply").click()
    await expect(rows(page)).to_have_text(["Ben de Vries", "Giulia Conti", "Inés García"])


async def test_a_filter_that_cannot_be_read_is_told_and_taken_out(open_: Open, salon: Seed) -> None:
    page = await begin(open_, salon, '?filter={"field":"colour","op":"eq","value":"red"}', None)
    await expect(page.get_by_role("alert")).to_contain_text("This filter cannot be read")
    await page.get_by_role("button", name="Remove all filters").click()
    await expect(rows(page)).to_have_count(HERE)
    await page.goto(f"{salon.stack.address}/b/{salon.business}/clients?filter=[[")
    await expect(page.get_by_text("The filter in this address cannot be read.")).to_be_visible()


async def test_f1_filters_are_saved_opened_changed_renamed_and_deleted(open_: Open, salon: Seed) -> None:
    page = await begin(open_, salon, "?preset=tag:wedding", 3)
    await page.get_by_role("button", name="Save filter").click()
    dialog = page.get_by_role("dialog")
    await expect(dialog.get_by_text("Tags include wedding")).to_be_visible()
    await dialog.get_by_label("Name").fill("Brides & grooms")
    await dialog.get_by_role("button", name="Save").click()
    show = page.get_by_role("navigation", name="Show")
    saved = show.get_by_role("link", name="Brides & grooms")
    await expect(saved).to_have_text(re.compile("3$"))
    await expect(saved).to_have_attribute("aria-current", "true")
    (audience,) = salon.stack.of(salon.business, "/audiences")["items"]
    ended = {"field": "ended", "op": "eq", "value": False}
    tagged = {"field": "tags", "op": "has_any", "value": ["wedding"]}
    assert (audience["audience_id"], audience["name"]) == ("brides-grooms", "Brides & grooms")
    assert audience["filter"] == {"all": [tagged, ended]}

    await page.get_by_role("button", name="Remove the filter: Relationship ended: no").click()
    await page.get_by_role("button", name="Save the changes").click()
    await page.get_by_role("dialog").get_by_role("button", name="Save the changes").click()
    await expect(page.get_by_role("dialog")).to_have_count(0)
    await expect(page.get_by_role("button", name="Save the changes")).to_have_count(0)
    assert salon.stack.of(salon.business, "/audiences")["items"][0]["filter"] == tagged

    await show.get_by_role("link", name="All clients").click()
    await expect(rows(page)).to_have_count(HERE)
    await show.get_by_role("button", name="Rename or delete Brides & grooms").click()
    await page.get_by_role("menuitem", name="Rename").click()
    await page.get_by_role("dialog").get_by_label("Name").fill("Weddings")
    await page.get_by_role("dialog").get_by_role("button", name="Save").click()
    await show.get_by_role("link", name="Weddings").click()
    await expect(rows(page)).to_have_count(3)
    await show.get_by_role("button", name="Rename or delete Weddings").click()
    await page.get_by_role("menuitem", name="Delete").click()
    await page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    await expect(show.get_by_text("Weddings")).to_have_count(0)
    await expect(rows(page)).to_have_count(HERE)


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
    await expect(page.get_by_role("row", name=re.compile("Anna Rossi"))).to_contain_text("+1")

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


async def test_pages_go_on_where_they_were(open_: Open, many: Seed) -> None:
    page = await begin(open_, many, "", 50)
    await page.get_by_role("button", name="Load more (70 left)").click()
    await expect(rows(page)).to_have_count(100)
    await expect(rows(page).nth(50)).to_be_focused()
    many.tell(many.event("client.created", "c0005", name="Client 000b"))
    many.stack.shown(many.business, "/clients", lambda found: found["total"] == 121)
    await page.get_by_role("button", name="Load more").click()
    await expect(rows(page)).to_have_count(120)
    names = await rows(page).all_text_contents()
    assert names == sorted(set(names))
    await page.get_by_role("button", name="1 change").click(timeout=LIVE_MS)
    await expect(rows(page)).to_have_count(121)
    await rows(page).nth(90).scroll_into_view_if_needed()
    place = await page.evaluate("window.scrollY")
    await rows(page).nth(90).click()
    await expect(page).to_have_url(re.compile(r"/clients/c0\d+"))
    await page.go_back()
    await expect(rows(page)).to_have_count(121)
    await page.wait_for_function("place => Math.abs(window.scrollY - place) < 5", arg=place)


async def test_all_that_were_found_are_changed_in_one_go(open_: Open, many: Seed) -> None:
    page = await begin(open_, many, "", 50)
    await page.get_by_role("checkbox", name="Select all that are shown").check()
    await page.get_by_role("button", name="Select all 120 that were found").click()
    await expect(the_bar(page)).to_contain_text("120 selected")
    await the_bar(page).get_by_role("button", name="Set status").click()
    await page.get_by_role("dialog").get_by_label("New status").select_option(label="VIP")
    await page.get_by_role("dialog").get_by_role("button", name="Set status").click()
    await expect(page.get_by_text("120 changed")).to_be_visible()
    vip = page.get_by_role("navigation", name="Show").get_by_role("link", name="VIP")
    await expect(vip).to_contain_text("120")


LIVE_MS = 15_000


async def test_changes_come_by_themselves(open_: Open, salon: Seed) -> None:
    page = await begin(open_, salon)
    await expect(page.get_by_role("row", name=re.compile("Dmitri Laine"))).to_contain_text("Lead")
    salon.tell(salon.event("status.set", None, client_ids=["dmitri"], status="vip"))
    await expect(page.get_by_role("row", name=re.compile("Dmitri Laine"))).to_contain_text("VIP", timeout=LIVE_MS)
    salon.tell(salon.event("client.created", "aaron", name="Aaron"))
    await expect(page.get_by_role("button", name="1 change")).to_be_visible(timeout=LIVE_MS)
    await expect(rows(page)).to_have_count(HERE)
    await page.get_by_role("button", name="1 change").click()
    await expect(rows(page).nth(1)).to_have_text("Aaron")


async def test_whoever_may_only_look_finds_nothing_that_changes(open_: Open, salon: Seed) -> None:
    page = await begin(open_, salon, "?preset=tag:wedding", 3, who="Vera")
    await page.get_by_role("checkbox", name="Select all that are shown").check()
    await expect(the_bar(page)).to_be_visible()
    for name in ("Set status", "Add tags", "Remove tags", "Merge", "Save filter"):
        await expect(page.get_by_role("button", name=name)).to_have_count(0)


async def test_by_keyboard_only(open_: Open, salon: Seed) -> None:
    page = await begin(open_, salon)
    await page.get_by_role("searchbox").focus()
    await page.keyboard.type("dmitri")
    await expect(rows(page)).to_have_count(1)
    await page.get_by_role("checkbox", name="Select Dmitri Laine").focus()
    await page.keyboard.press("Space")
    await page.keyboard.press("Tab")
    await expect(rows(page).first).to_be_focused()
    await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("dialog", name="Set status")).to_be_visible()
    await page.keyboard.press("Tab")
    await page.keyboard.press("Escape")
    await expect(page.get_by_role("dialog")).to_have_count(0)
    await expect(the_bar(page).get_by_role("button", name="Set status")).to_be_focused()


async def test_on_a_phone_in_dutch(open_: Open, salon: Seed) -> None:
    page = await begin(open_, salon, viewport=NARROW, locale="nl-NL")
    await expect(page.get_by_role("listitem").filter(has_text="Anna Rossi")).to_contain_text("Klant")
    await expect(page.get_by_text(LONG)).to_be_visible()
    await page.get_by_label("Tonen").select_option("status:vip")
    await expect(rows(page)).to_have_text(["Inés García"])
    await page.get_by_role("checkbox", name="Inés García selecteren").check()
    bar = page.get_by_role("region", name="Geselecteerde klanten")
    await bar.get_by_role("button", name="Meer").click()
    await page.get_by_role("menuitem", name="Labels toevoegen").click()
    await expect(page.get_by_role("dialog")).to_contain_text("Voor 1 geselecteerde klant")
    await shots(page, "clients-tags-nl")


async def test_a_business_without_clients_learns_how_to_bring_them(open_: Open, seed: Seed) -> None:
    page = await open_(f"/b/{seed.business}/clients")
    await expect(page.get_by_role("heading", name="No clients yet")).to_be_visible()
    await expect(page.get_by_text(f"client-status import FILE --business {seed.business}")).to_be_visible()
    await shots(page, "clients-none")
    await accessible(page)


async def test_it_looks_well_and_can_be_read_by_all(open_: Open, salon: Seed) -> None:
    page = await begin(open_, salon)
    await shots(page, "clients")
    await accessible(page)
    await select(page, "Anna Rossi", "Ben de Vries")
    await shots(page, "clients-selected")
    await accessible(page)
    await page.set_viewport_size(NARROW)  # type: ignore[arg-type]
    await accessible(page)
    assert await page.title() != "broken in"
