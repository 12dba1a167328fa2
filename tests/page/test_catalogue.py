"""The lists of a business on the page: statuses and their groups, own fields, classifications, tag rules."""

import re
from typing import Any

from playwright.async_api import Page, expect

from tests.page.conftest import NARROW, accessible, shots
from tests.page.seed import HOSTILE, Seed

Open = Any


def codes(seed: Seed) -> list[str]:
    """The statuses in their order."""
    return [status["code"] for status in seed.stack.of(seed.business, "/settings")["statuses"]]


def status(seed: Seed, code: str) -> Any:
    """One of them."""
    return next(s for s in seed.stack.of(seed.business, "/settings")["statuses"] if s["code"] == code)


async def add(page: Page, button: str, name: str) -> Any:
    """Begin something new under a name; the dialog."""
    await page.get_by_role("button", name=button).click()
    dialog = page.get_by_role("dialog")
    await dialog.get_by_role("textbox", name="Name").first.fill(name)
    return dialog


async def save(dialog: Any, say: str = "Add") -> None:
    """Save it, and wait until the dialog is gone."""
    await dialog.get_by_role("button", name=say, exact=True).click()
    await expect(dialog).to_have_count(0)


async def test_a2_a4_a_status_is_added_renamed_by_language_and_recoloured(salon: Seed, open_: Open) -> None:
    page = await open_(f"/b/{salon.business}/automation/statuses")
    dialog = await add(page, "Add a status", HOSTILE)
    code = dialog.get_by_role("textbox", name="Code")
    await expect(code).to_have_value(re.compile("^[a-z-]+$"))
    await code.fill("lead")
    await expect(dialog.get_by_text("This code is taken.")).to_be_visible()
    await code.fill("partner")
    await dialog.get_by_role("switch", name="May be a supplier").click()
    await save(dialog)
    row = page.get_by_role("listitem").filter(has_text=HOSTILE)
    await expect(row).to_contain_text("no supplier")
    assert await page.title() != "broken in"
    await page.get_by_role("button", name=f"Change {HOSTILE}").click()
    await dialog.get_by_role("textbox", name="Name").first.fill("Partner")
    await dialog.get_by_text("Names in other languages").click()
    await dialog.get_by_role("textbox", name="Nederlands").fill("Relatie")
    await dialog.get_by_label("Colour").fill("#aa3377")
    await accessible(page)
    await shots(page, "catalogue-status-form")
    await save(dialog, "Save")
    await expect(page.get_by_role("listitem").filter(has_text="Partner")).to_be_visible()
    found = status(salon, "partner")
    assert found["labels"] == {"en": "Partner", "nl": "Relatie"}
    assert (found["color"], found["supplier_allowed"], found["project_allowed"]) == ("#AA3377", False, True)
    await accessible(page)
    await shots(page, "catalogue-statuses")


async def test_a4_statuses_are_put_in_order_by_keyboard_and_by_dragging(seed: Seed, open_: Open) -> None:
    page = await open_(f"/b/{seed.business}/automation/statuses")
    up = page.get_by_role("button", name="Move VIP up")
    await up.focus()
    await page.keyboard.press("Enter")
    await expect(up).to_be_focused()
    await expect(page.get_by_text("VIP is now number 2 of 4.")).to_be_attached()
    wanted = ["lead", "vip", "customer", "inactive"]
    seed.stack.shown(seed.business, "/settings", lambda found: [s["code"] for s in found["statuses"]] == wanted)
    rows = page.get_by_role("main").locator("li[data-code]")
    await rows.filter(has_text="Inactive").drag_to(rows.filter(has_text="Lead"))
    wanted = ["inactive", "lead", "vip", "customer"]
    seed.stack.shown(seed.business, "/settings", lambda found: [s["code"] for s in found["statuses"]] == wanted)
    await page.reload()
    await expect(rows.first).to_contain_text("Inactive")


async def test_a3_a_role_is_moved_and_then_its_status_can_go(seed: Seed, open_: Open) -> None:
    seed.stack.command(seed.business, "status.define", code="prospect", label="Prospect")
    page = await open_(f"/b/{seed.business}/automation/statuses")
    await page.get_by_role("button", name="Remove Lead").click()
    dialog = page.get_by_role("dialog")
    await expect(dialog).to_contain_text("Give the role to another status first.")
    await page.keyboard.press("Escape")
    await page.get_by_role("button", name="Change Prospect").click()
    await dialog.get_by_role("combobox", name="Role in the automation").select_option("initial")
    await save(dialog, "Save")
    await expect(page.get_by_role("listitem").filter(has_text="Prospect")).to_contain_text("New clients")
    await page.get_by_role("button", name="Remove Lead").click()
    await save(dialog, "Remove")
    await expect(page.get_by_role("listitem").filter(has_text="Lead")).to_have_count(0)
    assert "lead" not in codes(seed)


async def test_a5_a_status_in_use_is_removed_by_moving_its_clients(salon: Seed, open_: Open) -> None:
    page = await open_(f"/b/{salon.business}/automation/statuses")
    await expect(page.get_by_role("listitem").filter(has_text="VIP")).to_contain_text("1 client")
    await page.get_by_role("button", name="Remove VIP").click()
    dialog = page.get_by_role("dialog")
    await dialog.get_by_role("combobox", name="Move them to").select_option("customer")
    await dialog.get_by_role("button", name="Move 1 client and remove").click()
    await expect(page.get_by_text("VIP was removed; 1 client was moved.")).to_be_visible()
    await expect(dialog).to_have_count(0)
    assert "vip" not in codes(salon)
    salon.stack.shown(salon.business, "/clients/ines", lambda card: card["status"] == "customer")


async def test_a7_groups_are_kept(salon: Seed, open_: Open) -> None:
    page = await open_(f"/b/{salon.business}/automation/groups", viewport=NARROW)
    await expect(page.get_by_text("No groups yet")).to_be_visible()
    dialog = await add(page, "Add a group", "Active clients")
    await dialog.get_by_role("button", name="Add", exact=True).click()
    await expect(dialog.get_by_role("alert")).to_contain_text("Choose at least one status.")
    await dialog.get_by_role("checkbox", name="Customer").check()
    await dialog.get_by_role("checkbox", name="VIP").check()
    await save(dialog)
    await expect(page.get_by_role("listitem").filter(has_text="Active clients")).to_contain_text(
        re.compile(r"\d clients")
    )
    (group,) = salon.stack.of(salon.business, "/settings")["status_groups"]
    assert (group["code"], group["statuses"]) == ("active-clients", ["customer", "vip"])
    await accessible(page)
    await page.get_by_role("button", name="Remove Active clients").click()
    await save(dialog, "Remove")
    await expect(page.get_by_text("No groups yet")).to_be_visible()


async def test_g2_own_fields_are_kept(seed: Seed, open_: Open) -> None:
    page = await open_(f"/b/{seed.business}/automation/fields")
    dialog = await add(page, "Add a field", "Shoe size")
    await dialog.get_by_role("combobox", name="Type").select_option("choice")
    await dialog.get_by_role("textbox", name="Choices").fill("36\n38\n\n 40 ")
    await dialog.get_by_role("switch", name="Required in online forms").click()
    await dialog.get_by_role("textbox", name="On which forms").fill("booking, contact")
    await save(dialog)
    await expect(page.get_by_role("listitem").filter(has_text="Shoe size")).to_contain_text("36 · 38 · 40")
    (field,) = seed.stack.of(seed.business, "/settings")["fields"]
    assert (field["type"], field["choices"], field["required"]) == ("choice", ["36", "38", "40"], True)
    assert field["forms"] == ["booking", "contact"]
    await accessible(page)
    await shots(page, "catalogue-fields")
    await page.get_by_role("button", name="Change Shoe size").click()
    await dialog.get_by_role("combobox", name="Type").select_option("number")
    await save(dialog, "Save")
    (field,) = seed.stack.of(seed.business, "/settings")["fields"]
    assert (field["type"], field["label"]) == ("number", "Shoe size")
    await page.get_by_role("button", name="Remove Shoe size").click()
    await save(dialog, "Remove")
    await expect(page.get_by_text("No fields of your own yet")).to_be_visible()


async def test_g3_a_classification_in_use_cannot_go_and_the_page_says_so(seed: Seed, open_: Open) -> None:
    page = await open_(f"/b/{seed.business}/automation/classifications")
    dialog = await add(page, "Add a value", "Key account")
    await save(dialog)
    seed.tell(seed.event("client.created", "anna", name="Anna", client_type="key-account"))
    seed.stack.shown(seed.business, "/clients", lambda found: found["total"] == 1)
    await page.reload()
    await expect(page.get_by_role("link", name="1 client")).to_be_visible()
    await page.get_by_role("button", name="Remove Key account").click()
    await dialog.get_by_role("button", name="Remove", exact=True).click()
    await expect(dialog.get_by_role("alert")).to_contain_text("Clients still have this value.")
    await page.keyboard.press("Escape")
    await page.get_by_role("tab", name="End reasons").click()
    await expect(page).to_have_url(re.compile("kind=end_reason"))
    await add(page, "Add a value", "Moved away")
    await save(dialog)
    await page.get_by_role("button", name="Remove Moved away").click()
    await save(dialog, "Remove")
    await expect(page.get_by_text("No values yet.")).to_be_visible()
    await accessible(page)


async def test_d6_tag_rules_are_kept(seed: Seed, open_: Open) -> None:
    page = await open_(f"/b/{seed.business}/automation/tag-rules")
    await page.get_by_role("button", name="Add a rule").click()
    dialog = page.get_by_role("dialog")
    await dialog.get_by_role("combobox", name="When this happens").select_option("campaign.clicked")
    await dialog.get_by_role("button", name="Add a condition").click()
    await dialog.get_by_role("combobox", name="Field").fill("campaign_id")
    await dialog.get_by_role("textbox", name="Value").fill("spring")
    await dialog.get_by_role("combobox", name="Add these tags").fill("interested in discounts, warm")
    await accessible(page)
    await shots(page, "catalogue-tag-rule-form")
    await save(dialog)
    await expect(page.get_by_role("listitem").filter(has_text="The client clicks a campaign")).to_contain_text("warm")
    (rule,) = seed.stack.of(seed.business, "/settings")["tag_rules"]
    assert rule["where"] == {"field": "campaign_id", "op": "eq", "value": "spring"}
    assert (rule["on"], rule["add"]) == ("campaign.clicked", ["interested in discounts", "warm"])
    name = rule["rule_id"]
    await page.get_by_role("button", name=f"Change {name}").click()
    await dialog.get_by_role("button", name="Edit as JSON").click()
    await dialog.get_by_role("textbox", name="Only if").fill('{"field": "campaign_id", "op": "like", "value": "s"}')
    await dialog.get_by_role("button", name="Save", exact=True).click()
    await expect(dialog.get_by_role("alert")).to_contain_text("filter")
    await page.keyboard.press("Escape")
    await page.get_by_role("button", name=f"Remove {name}").click()
    await save(dialog, "Remove")
    await expect(page.get_by_text("No tag rules yet")).to_be_visible()


async def test_d6_the_condition_of_a_rule_stays_what_it_is_while_its_tags_change(seed: Seed, open_: Open) -> None:
    """What the list would write otherwise (a number as a text, a text as a number or as two) is shown as JSON."""
    conditions: dict[str, Any] = {
        "number": {"field": "amount", "op": "eq", "value": 100},
        "text": {"field": "score", "op": "eq", "value": "5"},
        "comma": {"field": "title", "op": "in", "value": ["a, b", "c"]},
        "plain": {"all": [{"field": "title", "op": "in", "value": ["a", "c"]}, {"field": "amount", "op": "exists"}]},
    }
    for rule, where in conditions.items():
        seed.stack.command(
            seed.business, "tag_rule.define", rule_id=rule, on="invoice.issued", where=where, add=["new"]
        )
    seed.stack.shown(seed.business, "/settings", lambda settings: len(settings["tag_rules"]) == len(conditions))
    page = await open_(f"/b/{seed.business}/automation/tag-rules")
    dialog = page.get_by_role("dialog")
    for rule in conditions:
        await page.get_by_role("button", name=f"Change {rule}").click()
        await expect(dialog.get_by_role("textbox", name="Only if")).to_have_count(0 if rule == "plain" else 1)
        await dialog.get_by_role("combobox", name="Add these tags").fill("warm,")
        await save(dialog, "Save")
    rules = {rule["rule_id"]: rule for rule in seed.stack.of(seed.business, "/settings")["tag_rules"]}
    conditions["plain"]["all"][1]["value"] = True  # the same, said in full
    assert {name: rule["where"] for name, rule in rules.items()} == conditions
    assert all(rule["add"] == ["new", "warm"] for rule in rules.values())


async def test_f2_audiences_are_kept_with_who_is_in_them(salon: Seed, open_: Open) -> None:
    page = await open_(f"/b/{salon.business}/automation/audiences")
    dialog = await add(page, "Add an audience", "Very important")
    await dialog.get_by_role("button", name="Choose conditions").click()
    conditions = page.get_by_role("dialog", name="Filters")
    await conditions.get_by_role("checkbox", name="VIP").check()
    await conditions.get_by_role("button", name="Apply").click()
    await expect(conditions).to_have_count(0)
    await save(dialog)
    row = page.get_by_role("listitem").filter(has_text="Very important")
    await expect(row).to_contain_text("Status is VIP")
    salon.stack.shown(salon.business, "/audiences", lambda found: found["items"][0]["clients"] == 1)
    await page.reload()
    await expect(row.get_by_role("link", name="1 client")).to_have_attribute("href", re.compile("saved=very-important"))
    await accessible(page)
    await page.get_by_role("button", name="Remove Very important").click()
    await save(dialog, "Remove")
    await expect(page.get_by_text("No audiences yet")).to_be_visible()


async def test_a_viewer_sees_the_lists_and_no_control_that_changes_them(salon: Seed, open_: Open) -> None:
    page = await open_(f"/b/{salon.business}/automation/statuses", who="Vera", locale="nl-NL", viewport=NARROW)
    await expect(page.get_by_role("listitem").get_by_text("Klant", exact=True)).to_be_visible()
    for control in (
        re.compile("toevoegen$"),
        re.compile("wijzigen$"),
        re.compile("verwijderen$"),
        re.compile("naar boven$"),
    ):
        await expect(page.get_by_role("main").get_by_role("button", name=control)).to_have_count(0)
