"""Filters of clients on the page: made, shown as chips, saved as audiences (H2, F1, F3)."""

import re

from playwright.async_api import expect

from tests.page.clients import HERE, Open, begin, rows
from tests.page.conftest import accessible
from tests.page.seed import Seed


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
