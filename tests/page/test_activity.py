"""Activity: changes as they come, suggestions decided in a click, refused commands, dead letters sent in again."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.async_api import Page, expect

from tests.page.conftest import NARROW, accessible, shots
from tests.page.seed import HOSTILE, Seed

Open = Callable[..., Any]


async def activity(open_: Open, seed: Seed, tab: str = "", **options: Any) -> Page:
    """The page, on one of its tabs."""
    page: Page = await open_(f"/b/{seed.business}/activity{f'?tab={tab}' if tab else ''}", **options)
    return page


async def test_changes_are_told_with_their_reason(open_: Open, salon: Seed) -> None:
    page = await activity(open_, salon)
    became = page.get_by_role("listitem").filter(has_text="Ben de Vries became Customer")
    await expect(became).to_contain_text("Because a payment")
    await expect(page.get_by_role("listitem").filter(has_text="Inés García became VIP")).to_contain_text("Mia")
    await expect(page.get_by_text(HOSTILE).first).to_be_visible()
    await accessible(page)
    await shots(page, "activity")
    await page.get_by_label("Show").select_option(label="Tags")
    await expect(became).to_have_count(0)
    await expect(page.get_by_role("listitem").filter(has_text="Elif Kaya has other tags")).to_contain_text("wedding")
    await became.or_(page.get_by_role("link", name="Elif Kaya")).first.click()
    await expect(page).to_have_url(f"{salon.stack.address}/b/{salon.business}/clients/elif")


async def test_a_change_appears_as_it_happens(open_: Open, salon: Seed) -> None:
    page = await activity(open_, salon)
    await expect(page.get_by_text("Live", exact=True)).to_be_visible()
    salon.tell(salon.event("payment.received", "carla", payment_id="p9", amount="10.00", currency="EUR"))
    first = page.get_by_role("listitem").filter(has_text="became").first
    await expect(first).to_contain_text("Carla Weber became Customer")


async def test_a_suggestion_is_decided_in_a_click(open_: Open, salon: Seed) -> None:
    salon.tell(
        salon.event("payment.received", "carla", salon.ago(hours=2), payment_id="p8", amount="5.00", currency="EUR"),
        salon.event("payment.refunded", "carla", salon.ago(hours=1), payment_id="p8"),
    )
    salon.stack.shown(salon.business, "/reviews", lambda found: len(found["items"]) == 2)
    page = await activity(open_, salon)
    await page.get_by_role("tab", name="To review 2").click()
    await expect(page.get_by_role("listitem")).to_have_count(2)
    await accessible(page)
    await shots(page, "activity-reviews")
    hugo = page.get_by_role("listitem").filter(has_text="Hugo Martin")
    await hugo.get_by_role("button", name="Set to Lead").click()
    await expect(page.get_by_text("Hugo Martin is now Lead.")).to_be_visible()
    await expect(hugo).to_have_count(0)
    carla = page.get_by_role("listitem").filter(has_text="Carla Weber")
    await carla.get_by_role("button", name="Keep as Customer").click()
    await expect(page.get_by_text("Carla Weber stays Customer.")).to_be_visible()
    await expect(page.get_by_text("Nothing waits for you")).to_be_visible()
    assert salon.stack.of(salon.business, "/clients/hugo")["status"] == "lead"
    assert "status_set_at" in salon.stack.of(salon.business, "/clients/carla")


async def test_a_refused_command_says_why(open_: Open, salon: Seed) -> None:
    salon.stack.command(salon.business, "status.set", client_ids=["anna"], status="gold")
    salon.stack.command(salon.business, "clients.merge", primary_id="anna", duplicate_ids=["nobody"])
    salon.stack.shown(salon.business, "/refusals", lambda found: len(found["items"]) == 2)
    page = await activity(open_, salon, "refusals")
    await expect(page.get_by_role("tabpanel").locator("li.refusal")).to_have_count(2)
    asked = page.get_by_role("listitem").filter(has_text="Set a status")
    await expect(asked.first).to_contain_text("This status is not there any more.")
    await expect(asked.first).to_contain_text("gold")  # what the worker said of it
    await accessible(page)
    await shots(page, "activity-refusals")
    dutch = await activity(open_, salon, "refusals", locale="nl")
    await expect(dutch.get_by_text("Klanten samenvoegen")).to_be_visible()


async def test_more_refusals_that_cannot_be_read_are_told_and_asked_for_again(open_: Open, seed: Seed) -> None:
    seed.tell(*(seed.event("tag.delete", tag=f"tag {number}") for number in range(52)))
    seed.stack.shown(seed.business, "/refusals?limit=60", lambda found: len(found["items"]) == 52)
    page = await activity(open_, seed, "refusals")
    refused = page.get_by_role("tabpanel").locator("li.refusal")
    await expect(refused).to_have_count(50)
    await page.route("**/refusals?*before=*", lambda route: route.abort())
    await page.get_by_role("button", name="Show older").click()
    await expect(page.get_by_role("alert")).to_contain_text("The server cannot be reached at the moment")
    await page.unroute("**/refusals?*before=*")
    await page.get_by_role("button", name="Try again").click()
    await expect(refused).to_have_count(52)


async def test_a_dead_letter_is_sent_in_again_once_its_cause_is_mended(open_: Open, salon: Seed) -> None:
    salon.tell(salon.event("client.created", "zoe", name="Zoë Smit", status="gold"))
    salon.stack.shown(salon.business, "/dead-letters", lambda found: len(found["items"]) == 1)
    page = await activity(open_, salon, "letters")
    await expect(page.get_by_text("unknown_status", exact=True)).to_be_visible()
    await accessible(page)
    await shots(page, "activity-letters")
    salon.stack.command(salon.business, "status.define", code="gold", label="Gold")
    await page.get_by_role("button", name="Replay", exact=True).click()
    await expect(page.get_by_role("button", name="Sent in again.")).to_be_disabled()
    salon.stack.shown(salon.business, "/clients?status=gold", lambda found: found["total"] == 1)


async def test_all_dead_letters_of_a_code_are_sent_in_again_together(open_: Open, salon: Seed) -> None:
    salon.tell(*(salon.event("client.created", f"z{n}", name=f"Zoë {n}", status="gold") for n in range(3)))
    salon.tell(salon.event("client.created", "other", name="Other", fields={"shoe_size": "44"}))
    salon.stack.shown(salon.business, "/dead-letters", lambda found: len(found["items"]) == 4)
    salon.stack.command(salon.business, "status.define", code="gold", label="Gold")
    page = await activity(open_, salon, "letters")
    await page.get_by_label("Show").select_option("unknown_status (3)")
    await expect(page.locator("li.letter")).to_have_count(3)
    await page.get_by_role("button", name="Replay all").click()
    dialog = page.get_by_role("dialog")
    await expect(dialog).to_contain_text("All with the code unknown_status")
    await dialog.get_by_role("button", name="Replay all").click()
    await expect(page.get_by_role("button", name="Sent in again.")).to_have_count(3)
    await page.get_by_label("Show").select_option("Everything (4)")
    await expect(page.get_by_role("button", name="Replay", exact=True)).to_have_count(1)
    salon.stack.shown(salon.business, "/clients?status=gold", lambda found: found["total"] == 3)


async def test_a_viewer_sees_all_and_changes_nothing(open_: Open, salon: Seed) -> None:
    salon.tell(salon.event("client.created", "zoe", name="Zoë Smit", status="gold"))
    salon.stack.shown(salon.business, "/dead-letters", lambda found: len(found["items"]) == 1)
    page = await activity(open_, salon, "letters", who="Vera")
    await expect(page.get_by_text("unknown_status", exact=True)).to_be_visible()
    await expect(page.get_by_role("button", name="Replay")).to_have_count(0)
    await page.get_by_role("tab", name="To review").click()
    await expect(page.get_by_text("Hugo Martin")).to_be_visible()
    await expect(page.get_by_role("tabpanel").get_by_role("button")).to_have_count(0)


async def test_what_is_empty_says_what_will_come(open_: Open, seed: Seed) -> None:
    seed.tell(seed.event("automation.set", enabled=True))
    page = await activity(open_, seed, viewport=NARROW)
    await expect(page.get_by_text("Nothing has changed yet")).to_be_visible()
    for tab, said in (
        ("To review", "Nothing waits for you"),
        ("Refused", "No command"),
        ("Dead letters", "Everything"),
    ):
        await page.get_by_role("tab", name=tab).click()
        await expect(page.get_by_role("heading", name=said)).to_be_visible()


@pytest.mark.parametrize("key", ["ArrowRight", "End"])
async def test_tabs_are_moved_through_with_the_keyboard(open_: Open, salon: Seed, key: str) -> None:
    page = await activity(open_, salon)
    await page.get_by_role("tab", name="Changes").focus()
    await page.keyboard.press(key)
    chosen = "To review" if key == "ArrowRight" else "Dead letters"
    await expect(page.get_by_role("tab", name=chosen)).to_be_focused()
    await expect(page.get_by_role("tab", name=chosen)).to_have_attribute("aria-selected", "true")
