"""What the page says when the worker is silent, the server away, the session over, or the work long."""

import asyncio
import re
from collections.abc import Iterator
from contextlib import contextmanager
from signal import SIGCONT, SIGSTOP

from playwright.async_api import Page, Route, expect

from tests.console.who import secret
from tests.page.clients import Open, begin, select, the_bar
from tests.page.conftest import accessible, shots
from tests.page.seed import Seed
from tests.page.stack import Stack

CLIENTS = 300


@contextmanager
def silent(stack: Stack) -> Iterator[None]:
    """The worker does nothing meanwhile."""
    stack.worker.signal(SIGSTOP)
    try:
        yield
    finally:
        stack.worker.signal(SIGCONT)


async def test_a_silent_worker_is_waited_for_but_not_for_ever(salon: Seed, open_: Open) -> None:
    page = await begin(open_, salon)
    await page.clock.install()
    await select(page, "Anna Rossi")
    await the_bar(page).get_by_role("button", name="Set status").click()
    dialog = page.get_by_role("dialog")
    await dialog.get_by_role("combobox", name="New status").select_option("vip")
    with silent(salon.stack):
        send = dialog.get_by_role("button", name="Set status")
        async with page.expect_response("**/commands"):  # it is on its way
            await send.click()
            await expect(send).to_be_disabled()
        await _pass(page, 7)
        await expect(page.get_by_text("No answer from the worker yet")).to_be_visible()
        await _pass(page, 41)
        await expect(dialog.get_by_role("alert")).to_contain_text("What you asked for is not lost")
        await expect(send).to_be_enabled()
        await expect(page.get_by_text("No answer from the worker yet")).to_have_count(0)
        await dialog.get_by_role("button", name="Cancel").click()
    salon.stack.shown(salon.business, "/clients/anna", lambda card: card["status"] == "vip")


async def _pass(page: Page, seconds: int) -> None:
    """Let so many seconds pass for the page, a second at a time, so that its answers come between."""
    for _ in range(seconds):
        await page.clock.run_for(1_000)


async def test_who_was_signed_out_is_told_and_goes_on_where_they_were(salon: Seed, open_: Open) -> None:
    page = await begin(open_, salon, "?q=anna", shown=1)
    await page.context.clear_cookies()
    await page.get_by_role("searchbox").fill("anna r")
    await expect(page.get_by_text("You have been signed out.")).to_be_visible()
    await accessible(page)
    await page.get_by_label("Token").fill(secret("Mia"))
    await page.get_by_role("button", name="Sign in").click()
    await expect(page.get_by_role("link", name="Anna Rossi")).to_be_visible()
    await expect(page).to_have_url(re.compile(r"/clients\?q=anna"))


async def test_who_cannot_sign_out_is_told(salon: Seed, open_: Open) -> None:
    page = await begin(open_, salon)
    await page.route("**/session", lambda route: route.abort())
    await page.get_by_role("button", name="Sign out").click()
    await expect(page.locator(".notice-bad")).to_contain_text("The server cannot be reached at the moment")
    await page.unroute("**/session")
    await page.get_by_role("button", name="Sign out").click()
    await expect(page.get_by_role("heading", name="Sign in")).to_be_visible()


async def test_what_could_not_be_read_is_asked_again_by_itself(salon: Seed, open_: Open) -> None:
    """As while the projector fills a read model that came back empty."""
    page = await open_("/")

    async def away(route: Route) -> None:
        await route.fulfill(status=503, json={"code": "unavailable", "detail": "the read model is being filled"})

    await page.route("**/settings", away)
    await page.goto(f"{salon.stack.address}/b/{salon.business}/clients")
    await expect(page.get_by_role("alert")).to_contain_text("The server cannot be reached at the moment.")
    await page.unroute("**/settings")
    await expect(page.get_by_role("link", name="Anna Rossi")).to_be_visible(timeout=20_000)


async def test_a_page_out_of_touch_says_so_and_comes_back_by_itself(salon: Seed, open_: Open) -> None:
    """A browser tries no more once it was answered anything but a stream, as by a console without Redis."""
    page = await open_("/")

    async def away(route: Route) -> None:
        await route.fulfill(status=503, json={"code": "unavailable", "detail": "Redis cannot be reached"})

    await page.route("**/changes", away)
    await page.goto(f"{salon.stack.address}/b/{salon.business}/activity")
    await expect(page.get_by_text("The server does not answer.")).to_be_visible(timeout=20_000)
    await shots(page, "out-of-touch")
    salon.tell(salon.event("status.set", client_ids=["anna"], status="vip", actor="Mia"))
    await page.unroute("**/changes")
    await expect(page.get_by_text("Live", exact=True)).to_be_visible(timeout=20_000)
    await expect(page.get_by_text("The server does not answer.")).to_have_count(0)
    await expect(page.get_by_role("listitem").filter(has_text="Anna Rossi became VIP")).to_be_visible()


async def test_k1_long_work_shows_how_far_it_has_come(seed: Seed, open_: Open) -> None:
    """A5: so many clients, one in a step: there is time to look at it."""
    business = seed.business
    seed.stack.command(business, "status.define", code="gold", label="Gold")
    seed.tell(*(seed.event("client.created", f"c{n}", name=f"Client {n}", status="gold") for n in range(CLIENTS)))
    seed.stack.shown(business, "/counts", lambda found: found["total"] == CLIENTS)
    page = await open_(f"/b/{business}/automation/statuses")
    await page.get_by_role("button", name="Remove Gold").click()
    dialog = page.get_by_role("dialog")
    await dialog.get_by_role("combobox", name="Move them to").select_option("vip")
    with silent(seed.stack):  # until the page looks for itself how far it has come
        async with page.expect_response("**/commands"):
            await dialog.get_by_role("button", name=f"Move {CLIENTS} clients and remove").click()
    bar = dialog.get_by_role("progressbar", name="Going through all clients")
    first = await bar.evaluate("(bar) => bar.value")
    await expect(dialog.get_by_text(re.compile(rf"\d+ of {CLIENTS}"))).to_be_visible()
    assert first < CLIENTS
    grown = "(first) => !(document.querySelector('progress')?.value <= first)"
    await page.wait_for_function(grown, arg=first)
    await expect(page.get_by_text(f"Gold was removed; {CLIENTS} clients were moved.")).to_be_visible(timeout=60_000)
    await expect(dialog).to_have_count(0)


async def test_a_part_that_cannot_be_fetched_says_so(salon: Seed, open_: Open) -> None:
    page = await begin(open_, salon)
    await page.route("**/page/pages/activity/**", lambda route: route.abort())
    await page.get_by_role("link", name="Activity").click()
    await expect(page.get_by_role("alert")).to_contain_text("The server cannot be reached")
    await expect(page).to_have_title(f"Activity · {salon.business} · client-status")
    await page.unroute("**/page/pages/activity/**")
    await page.get_by_role("button", name="Try again").click()
    await expect(page.get_by_role("heading", name="Activity")).to_be_visible()


async def test_what_takes_long_to_load_says_so(salon: Seed, open_: Open) -> None:
    page = await open_("/")
    ready = asyncio.Event()

    async def slow(route: Route) -> None:
        await ready.wait()
        await route.continue_()

    await page.route("**/clients?*", slow)
    await page.clock.install()
    await page.goto(f"{salon.stack.address}/b/{salon.business}/clients")
    await expect(page.get_by_role("searchbox")).to_be_visible()
    await _pass(page, 9)
    await expect(page.get_by_text("the server takes longer than usual")).to_be_visible()
    ready.set()
    await expect(page.get_by_role("link", name="Anna Rossi")).to_be_visible()
    await expect(page.get_by_text("the server takes longer than usual")).to_have_count(0)
