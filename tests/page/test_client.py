"""One client's card on the page: what it shows, why things are as they are, and what people change on it."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.async_api import Locator, Page, expect

from tests.page.conftest import NARROW, accessible, shots
from tests.page.seed import HOSTILE, Seed

Open = Callable[..., Any]
ANNA = {"name": "Anna Rossi", "email": "anna@example.org", "phone": "+39 06 5504 1400", "source": "manual"}


def address(seed: Seed, client: str, query: str = "") -> str:
    return f"/b/{seed.business}/clients/{client}{query}"


def section(page: Page, name: str) -> Locator:
    return page.get_by_role("region", name=name, exact=True)


async def heading(page: Page, name: str) -> None:
    await expect(page.get_by_role("heading", level=1, name=name, exact=True)).to_be_visible()


async def choose(page: Page, action: str) -> Locator:
    """Opens a dialog from the menu of actions."""
    await page.get_by_role("button", name="Actions").click()
    await page.get_by_role("menuitem", name=action).click()
    return page.get_by_role("dialog")


@pytest.fixture
def anna(seed: Seed) -> Seed:
    """One client, who is new."""
    seed.tell(seed.event("client.created", "anna", seed.ago(days=2), tags=["newsletter"], **ANNA))
    seed.stack.shown(seed.business, "/clients/anna", lambda card: card.get("name") == ANNA["name"])
    return seed


async def test_the_card_in_three_parts(open_: Open, salon: Seed) -> None:
    page = await open_(address(salon, "anna"))
    await heading(page, "Anna Rossi")
    await expect(section(page, "Coming up")).to_contain_text("Appointment · Colour and cut")
    await expect(section(page, "Outstanding")).to_contain_text("€80.00")
    await expect(section(page, "Outstanding")).to_contain_text("1 invoice overdue")
    await expect(section(page, "Outstanding")).to_contain_text("2026-017 · €80.00 · due on")
    await expect(section(page, "So far")).to_contain_text("Allergic to ammonia.")
    mail = section(page, "Contact data").get_by_role("link", name="anna@example.org")
    await expect(mail).to_have_attribute("href", "mailto:anna@example.org")
    phone = section(page, "Contact data").get_by_role("link", name="+39 06 5504 1400")
    await expect(phone).to_have_attribute("href", "tel:+390655041400")
    await expect(section(page, "Cards on file")).to_contain_text("Visa •••• 4242")
    for said in ("Invoice 2026-017 over €80.00", "Review ★★★★★ (5 of 5)", "Message from the client", "Note by Mia"):
        await expect(section(page, "Timeline")).to_contain_text(said)
    await accessible(page)
    await shots(page, "client")


async def test_reasons_are_told_in_a_sentence(open_: Open, anna: Seed) -> None:
    anna.stack.command(anna.business, "automation.set", inactive_after_days=365)
    ends = anna.ago(days=1)
    booked = {"booking_id": "b1", "kind": "appointment", "starts_at": anna.ago(days=1, hours=1), "ends_at": ends}
    anna.tell(anna.event("booking.scheduled", "anna", anna.ago(days=1, hours=2), **booked))
    anna.stack.shown(anna.business, "/clients/anna", lambda card: card["status"] == "customer")
    page = await open_(address(anna, "anna"))
    why = page.locator(".client-status")
    await expect(why).to_contain_text(
        re.compile(r"because the appointment of .*\d\d:\d\d took place; settings of \d+ \w+\.")
    )
    await page.get_by_text("Why these tags").click()
    told = page.locator(".card-why dl")
    await expect(told).to_contain_text("Because the client was entered (source: staff).")


async def test_tabs_of_the_timeline_stand_in_the_address(open_: Open, salon: Seed) -> None:
    page = await open_(address(salon, "anna"))
    timeline = section(page, "Timeline")
    await timeline.get_by_role("tab", name="Messages").click()
    await expect(timeline.get_by_text("Could I come an hour later?")).to_be_visible()
    await expect(timeline.get_by_text("Invoice 2026-017")).to_have_count(0)
    await page.reload()
    await expect(timeline.get_by_role("tab", name="Messages")).to_have_attribute("aria-selected", "true")
    await page.keyboard.press("Tab")
    await timeline.get_by_role("tab", name="Messages").focus()
    await page.keyboard.press("ArrowLeft")
    await expect(timeline.get_by_role("tab", name="Documents")).to_be_focused()
    await expect(timeline.get_by_text("Invoice 2026-017")).to_be_visible()


async def test_more_of_the_timeline_comes_as_one_goes_down(open_: Open, anna: Seed) -> None:
    anna.tell(
        *(
            anna.event("client.messaged", "anna", anna.ago(hours=1 + n), direction="in", preview=f"message {n}")
            for n in range(70)
        )
    )
    page = await open_(address(anna, "anna"))
    await expect(page.get_by_text("message 0", exact=True)).to_be_visible()
    await page.get_by_role("button", name="Show earlier").scroll_into_view_if_needed()
    await expect(page.get_by_text("message 69", exact=True)).to_have_count(1)
    await page.get_by_text("That is all that is known.").scroll_into_view_if_needed()
    await expect(page.get_by_text("Client entered")).to_be_visible()


async def test_the_status_is_changed_by_hand(open_: Open, anna: Seed) -> None:
    anna.stack.command(anna.business, "automation.set", require_end_reason=True)
    anna.stack.command(
        anna.business, "classification.define", kind="end_reason", code="moved", label={"en": "Moved away"}
    )
    page = await open_(address(anna, "anna"))
    await page.get_by_role("button", name="Change status").click()
    dialog = page.get_by_role("dialog", name="Change status")
    await dialog.get_by_label("Status").select_option("inactive")
    await dialog.get_by_role("button", name="Save").click()
    reason = dialog.get_by_label("Why the relationship ends")
    assert await reason.evaluate("(select) => select.validity.valueMissing"), "the form asks for what is required"
    await reason.select_option("moved")
    await dialog.get_by_role("button", name="Save").click()
    await expect(dialog).to_have_count(0)
    await expect(page.locator(".client-status")).to_contain_text("because Mia did it by hand. Ended: Moved away.")
    await expect(page.get_by_role("button", name="Change status")).to_be_focused()
    await expect(section(page, "Timeline")).to_contain_text("Status: Lead → Inactive")


async def test_tags_by_keyboard_alone(open_: Open, anna: Seed) -> None:
    page = await open_(address(anna, "anna"))
    tags = page.get_by_role("list", name="Tags")
    await tags.get_by_role("button", name="Add tag").focus()
    await page.keyboard.press("Enter")
    await expect(tags.get_by_label("Add tag")).to_be_focused()
    await page.keyboard.type("gold,  silver ")
    await page.keyboard.press("Enter")
    await expect(tags.get_by_text("silver", exact=True)).to_be_visible()
    await expect(tags.get_by_text("gold", exact=True)).to_be_visible()
    await expect(tags.get_by_role("button", name="Add tag")).to_be_focused()
    await tags.get_by_role("button", name="Remove newsletter").focus()
    await page.keyboard.press("Enter")
    await expect(tags.get_by_text("newsletter")).to_have_count(0)
    anna.stack.shown(
        anna.business, "/clients/anna", lambda card: [tag["tag"] for tag in card["tags"]] == ["gold", "silver"]
    )


async def test_data_and_own_fields_are_changed_in_place(open_: Open, anna: Seed) -> None:
    anna.stack.command(anna.business, "field.define", field_id="size", label="Size", type="number")
    anna.stack.command(anna.business, "field.define", field_id="site", label="Website", type="url")
    anna.stack.shown(anna.business, "/settings", lambda settings: len(settings["fields"]) == 2)
    page = await open_(address(anna, "anna"))
    await page.get_by_role("button", name="Edit").click()
    dialog = page.get_by_role("dialog", name="Edit client")
    await dialog.get_by_label("Name").fill("Anna Verdi")
    await dialog.get_by_label("Size").fill("5")
    await dialog.get_by_label("Website").fill("mailto:anna")
    await dialog.get_by_role("group", name="E-mail addresses").get_by_role("button", name="Add another").click()
    await dialog.get_by_label("E-mail addresses 2").fill("verdi@example.org")
    await shots(page, "client-edit")
    await dialog.get_by_role("button", name="Save").click()
    await expect(dialog.get_by_role("alert")).to_contain_text("The value of “Website” does not fit its kind.")
    await accessible(page)
    await dialog.get_by_label("Website").fill("https://example.org/anna")
    await dialog.get_by_role("button", name="Save").click()
    await expect(dialog).to_have_count(0)
    await heading(page, "Anna Verdi")
    await expect(section(page, "Contact data")).to_contain_text("verdi@example.org")
    await expect(section(page, "About the client")).to_contain_text("https://example.org/anna")
    changed = section(page, "Timeline").get_by_role("listitem").filter(has_text="Changed: name, e-mail addresses")
    await expect(changed).to_contain_text("Changed: name, e-mail addresses, Website and Size")
    await expect(changed).to_contain_text("By Mia")


async def test_what_somebody_else_has_changed_meanwhile_stays(open_: Open, anna: Seed) -> None:
    """The card is read again behind the form; what is saved is what was changed in the form."""
    page = await open_(address(anna, "anna"))
    await page.get_by_role("button", name="Edit").click()
    dialog = page.get_by_role("dialog", name="Edit client")
    await dialog.get_by_label("Name").fill("Anna Verdi")
    anna.tell(anna.event("client.updated", "anna", phones=["+39 02 5550 111"], staff_id="leo"))
    anna.stack.command(anna.business, "tags.add", client_ids=["anna"], tags=["gold"])
    await expect(page.locator(".client-contact")).to_contain_text("+39 02 5550 111")
    await dialog.get_by_role("button", name="Save").click()
    await expect(dialog).to_have_count(0)
    await heading(page, "Anna Verdi")
    card = anna.stack.shown(anna.business, "/clients/anna", lambda card: card["name"] == "Anna Verdi")
    assert (card["phones"], card["staff_id"]) == (["+39 02 5550 111"], "leo")


async def test_actions_are_asked_for_or_refused_in_words(open_: Open, salon: Seed) -> None:
    page = await open_(address(salon, "anna"))
    dialog = await choose(page, "Send a payment reminder")
    await expect(dialog).to_contain_text("A reminder of 1 overdue invoice is asked for. Outstanding now: €80.00.")
    await dialog.get_by_role("button", name="Ask for it").click()
    await expect(section(page, "Timeline")).to_contain_text("Payment reminder asked for")
    dialog = await choose(page, "Invoice a booking")
    await dialog.get_by_role("button", name="Ask for it").click()
    await expect(dialog.get_by_role("alert")).to_have_text("There is an invoice for this booking already.")
    await page.keyboard.press("Escape")
    dialog = await choose(page, "Invite to book")
    await expect(dialog).to_contain_text("anna@example.org")
    await dialog.get_by_role("button", name="Ask for it").click()
    await expect(section(page, "Timeline")).to_contain_text("Invitation to book asked for")
    await page.goto(salon.stack.address + address(salon, "ben"))
    await heading(page, "Ben de Vries")
    dialog = await choose(page, "Send a payment reminder")
    await dialog.get_by_role("button", name="Ask for it").click()
    await expect(dialog.get_by_role("alert")).to_have_text("Nothing of this client is overdue.")


async def test_only_who_types_the_name_erases_a_client(open_: Open, anna: Seed) -> None:
    page = await open_(address(anna, "anna"))
    dialog = await choose(page, "Erase this client")
    erase = dialog.get_by_role("button", name="Erase for good")
    await dialog.get_by_label("Type the name to confirm").fill("anna")
    await expect(erase).to_be_disabled()
    await dialog.get_by_label("Type the name to confirm").fill("Anna Rossi")
    await erase.click()
    await expect(page).to_have_url(f"{anna.stack.address}/b/{anna.business}/clients")
    await page.goto(anna.stack.address + address(anna, "anna"))
    await expect(page.get_by_text("There is no such client")).to_be_visible()


async def test_a_merged_away_id_leads_to_the_client_it_means(open_: Open, anna: Seed) -> None:
    anna.tell(anna.event("client.created", "twin", anna.ago(days=1), name="A. Rossi", email="twin@example.org"))
    anna.stack.command(anna.business, "clients.merge", primary_id="anna", duplicate_ids=["twin"], actor="Mia")
    anna.stack.shown(anna.business, "/clients/anna", lambda card: card.get("merged_ids") == ["twin"])
    page = await open_(address(anna, "twin"))
    await expect(page).to_have_url(anna.stack.address + address(anna, "anna"))
    await heading(page, "Anna Rossi")
    await expect(section(page, "Timeline")).to_contain_text("Merged: twin became part of this client")
    await expect(section(page, "Connections")).to_contain_text("twin")
    dutch = await open_(address(anna, "anna"), locale="nl-NL")
    note = section(dutch, "Tijdlijn").get_by_role("blockquote").filter(has_text="Samengevoegd op")
    await expect(note).to_contain_text('door Mia: twin (A. Rossi). Niet overgenomen van twin: naam "A. Rossi"')


async def test_what_happens_meanwhile_appears_by_itself(open_: Open, anna: Seed) -> None:
    page = await open_(address(anna, "anna"))
    await expect(page.locator(".client-status")).to_contain_text("Lead since")
    anna.tell(anna.event("payment.received", "anna", payment_id="p1", amount="45.50", currency="EUR"))
    await expect(page.locator(".client-status")).to_contain_text("because a payment of €45.50 was made online")
    await expect(section(page, "Timeline")).to_contain_text("Paid online: €45.50")
    anna.tell(anna.event("payment.refunded", "anna", payment_id="p1"))
    await expect(page.get_by_text("Please look at this status again")).to_be_visible()
    await expect(section(page, "Timeline")).to_contain_text("All of it refunded: €45.50")


async def test_a_viewer_sees_all_and_changes_nothing(open_: Open, salon: Seed) -> None:
    page = await open_(address(salon, "mallory"), who="Vera")
    await heading(page, HOSTILE)
    assert await page.title() == f"Clients · {salon.business} · client-status"
    await expect(page.get_by_role("list", name="Tags")).to_contain_text("<b>bold</b>")
    await expect(section(page, "Timeline")).to_contain_text("Client entered")
    for name in ("Edit", "Actions", "Change status", "Add tag"):
        await expect(page.get_by_role("button", name=name, exact=True)).to_have_count(0)
    await expect(page.locator(".tag-remove")).to_have_count(0)


async def test_on_a_phone_in_another_language(open_: Open, salon: Seed) -> None:
    page = await open_(address(salon, "jonas"), viewport=NARROW, locale="nl-NL")
    await expect(page.get_by_role("tab", name="Informatie")).to_have_attribute("aria-selected", "true")
    await expect(page.get_by_text("Er staat niets open.")).to_be_visible()
    await page.get_by_role("tab", name="Tijdlijn").click()
    await expect(page.get_by_text("Omdat de klant is ingevoerd", exact=False).first).to_be_visible()
    await page.get_by_role("tab", name="Contactgegevens").click()
    await expect(page.get_by_role("link", name="jonas@example.org").last).to_be_visible()
    await accessible(page)
    await shots(page, "client-dutch")
