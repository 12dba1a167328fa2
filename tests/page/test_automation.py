"""The switch of the automation and the history of the settings, as a person at work uses them."""

import re
from typing import Any

import pytest
from playwright.async_api import Page, expect

from tests.page.conftest import NARROW, accessible, shots
from tests.page.seed import HOSTILE, Seed

Open = Any


def switch(page: Page, name: str) -> Any:
    """One of the switches of the page."""
    return page.get_by_role("switch", name=name, exact=True)


async def review(page: Page) -> Any:
    """The dialog before saving."""
    await page.get_by_role("button", name="Review and save").click()
    return page.get_by_role("dialog")


async def test_b11_changes_are_tried_out_saved_together_and_applied(salon: Seed, open_: Open) -> None:
    """C1, B11: nothing is saved before it is reviewed; the review says who would become a customer."""
    salon.stack.command(salon.business, "automation.set", enabled=False)
    salon.tell(salon.event("client.messaged", "carla", direction="in", preview="Hello"))
    page = await open_(f"/b/{salon.business}/automation")
    await expect(page.get_by_role("heading", name="Automation is off")).to_be_visible()
    await switch(page, "Automation").click()
    await switch(page, "Message received").click()
    await expect(page.get_by_text("2 changes not saved")).to_be_visible()
    assert salon.stack.of(salon.business, "/settings")["automation"]["enabled"] is False
    dialog = await review(page)
    await expect(dialog.get_by_role("definition").filter(has_text=re.compile("off.*on"))).to_have_count(2)
    found = dialog.get_by_role("status").get_by_role("link")
    await expect(found.filter(has_text="Carla Weber")).to_be_visible()
    many = await found.count()
    await accessible(page)
    await shots(page, "automation-review")
    await dialog.get_by_role("checkbox", name="Apply it to existing clients").check()
    await dialog.get_by_role("button", name="Save", exact=True).click()
    await expect(page.get_by_text(re.compile(f"{many} clients? now ha"))).to_be_visible()
    await expect(page.get_by_role("link", name="Show all with this status")).to_have_attribute(
        "href", re.compile("customer")
    )
    await expect(page.get_by_text("not saved")).to_have_count(0)
    settings = salon.stack.of(salon.business, "/settings")["automation"]
    assert (settings["enabled"], settings["triggers"]["message_received"]) == (True, True)
    salon.stack.shown(salon.business, "/clients/carla", lambda card: card["status"] == "customer")
    await accessible(page)
    await shots(page, "automation")


async def test_c2_the_last_trigger_cannot_be_turned_off_and_the_page_says_why(seed: Seed, open_: Open) -> None:
    page = await open_(f"/b/{seed.business}/automation")
    await switch(page, "Booking attended").click()
    await switch(page, "Invoice issued").click()
    last = switch(page, "Payment made")
    await expect(last).to_have_attribute("aria-disabled", "true")
    await expect(last).to_have_accessible_description(re.compile("last one that is on"))
    await last.click(force=True)
    await expect(last).to_be_checked()
    await page.get_by_role("button", name="Discard").click()
    await expect(switch(page, "Booking attended")).to_be_checked()


async def test_c4_what_others_saved_meanwhile_is_refused_in_words(seed: Seed, open_: Open) -> None:
    """C2: the draft looked good, but somebody else has turned off the others; the answer is said where it was asked."""
    page = await open_(f"/b/{seed.business}/automation", locale="nl-NL")
    await page.get_by_role("switch", name="Betaling ontvangen").click()
    seed.stack.command(seed.business, "automation.set", triggers={"booking_attended": False, "invoice_issued": False})
    await page.get_by_role("button", name="Nakijken en opslaan").click()
    await expect(page.get_by_role("dialog").get_by_role("alert").first).to_contain_text("automatisering")


async def test_everything_else_that_can_be_set_by_keyboard_alone(seed: Seed, open_: Open) -> None:
    page = await open_(f"/b/{seed.business}/automation")
    await page.get_by_role("radio", name="Only when staff tick it off").focus()
    await page.keyboard.press("Space")
    await switch(page, "Set them aside after a time").press("Enter")
    days = page.get_by_role("spinbutton", name="Days without activity")
    await days.fill("0")
    await expect(page.get_by_role("button", name="Review and save")).to_be_disabled()
    await days.fill("90")
    await switch(page, "Staff must give a reason").press("Space")
    await page.get_by_role("combobox", name="Language of the business").select_option("fi")
    await page.get_by_role("button", name="Review and save").press("Enter")
    dialog = page.get_by_role("dialog")
    await expect(dialog.get_by_role("definition").filter(has_text="90 days")).to_contain_text("never")
    await page.keyboard.press("Escape")
    await expect(page.get_by_role("button", name="Review and save")).to_be_focused()
    await page.keyboard.press("Enter")
    await dialog.get_by_role("button", name="Save", exact=True).press("Enter")
    await expect(page.get_by_text("The new rules are in force.")).to_be_visible()
    settings = seed.stack.of(seed.business, "/settings")
    automation = settings["automation"]
    assert (automation["completion"], automation["inactive_after_days"]) == ("explicit", 90)
    assert (automation["require_end_reason"], settings["locale"]) == (True, "fi")


async def test_b11_todays_rules_for_clients_from_before(salon: Seed, open_: Open) -> None:
    salon.stack.command(salon.business, "automation.set", triggers={"message_received": True})
    salon.tell(
        salon.event("client.messaged", "dmitri", salon.ago(days=2), direction="in", preview="Hello"),
    )
    page = await open_(f"/b/{salon.business}/automation")
    await page.get_by_role("button", name="See what would change").click()
    await expect(page.get_by_role("link", name="Dmitri Laine")).to_be_visible()
    await page.get_by_role("button", name=re.compile(r"^Move \d+ client")).click()
    await expect(page.get_by_text(re.compile(r"\d+ clients? now ha")).first).to_be_visible()
    salon.stack.shown(salon.business, "/clients/dmitri", lambda card: card["status"] == "customer")


async def test_a_viewer_sees_all_of_it_and_can_change_nothing(seed: Seed, open_: Open) -> None:
    page = await open_(f"/b/{seed.business}/automation", who="Vera", viewport=NARROW)
    await expect(switch(page, "Automation")).to_have_attribute("aria-disabled", "true")
    await switch(page, "Automation").click(force=True)
    await expect(page.get_by_text("not saved")).to_have_count(0)
    await expect(page.get_by_role("button", name="See what would change")).to_have_count(0)
    await expect(page.get_by_role("combobox", name="Language of the business")).to_be_disabled()


async def test_c4_the_history_says_who_asked_for_what_and_what_became_of_it(seed: Seed, open_: Open) -> None:
    business, command = seed.business, seed.stack.command
    command(business, "automation.set", inactive_after_days=30, actor=HOSTILE)
    command(business, "status.define", code="partner", label={"en": "Partner", "nl": "Relatie"})
    command(business, "status.remove", code="lead")
    seed.stack.shown(business, "/settings/history", lambda found: len(found["items"]) == 3)
    page = await open_(f"/b/{business}/automation/history")
    entries = page.get_by_role("main").get_by_role("listitem").filter(has=page.locator("time"))
    await expect(entries).to_have_count(3)
    await expect(entries.nth(0)).to_contain_text("Removal: status lead")
    await expect(entries.nth(0)).to_contain_text("This status has a role.")
    await expect(entries.nth(1)).to_contain_text("Partner (en), Relatie (nl)")
    await expect(entries.nth(1)).to_contain_text("Mia")
    await expect(entries.nth(2).get_by_role("definition")).to_have_text("never →becomes 30 days")
    await expect(entries.nth(2)).to_contain_text(HOSTILE)
    assert await page.title() != "broken in"
    command(business, "automation.set", inactive_after_days=60)
    command(business, "status.define", code="partner", label={"nl": "Zakenrelatie"}, role="initial")
    await page.reload()
    await expect(entries).to_have_count(5)
    await expect(entries.nth(1).get_by_role("definition")).to_have_text("30 days →becomes 60 days")
    changed = entries.nth(0).get_by_role("definition")
    await expect(changed).to_have_text(["Relatie (nl) →becomes Zakenrelatie (nl)", "New clients"])
    await accessible(page)
    await shots(page, "automation-history")


@pytest.mark.parametrize(("locale", "title"), [("it-IT", "L'automazione è attiva"), ("fi-FI", "Automaatio on päällä")])
async def test_in_another_language(seed: Seed, open_: Open, locale: str, title: str) -> None:
    page = await open_(f"/b/{seed.business}/automation", locale=locale, viewport=NARROW)
    await expect(page.get_by_role("heading", name=title)).to_be_visible()
