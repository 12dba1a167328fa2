"""Clients on the page: found as one types, narrowed by presets, page after page, as they change (H1-H4)."""

import re

from playwright.async_api import expect

from tests.page.clients import HERE, Open, begin, many, rows, select, the_bar
from tests.page.conftest import NARROW, accessible, shots
from tests.page.seed import CLIENTS, ENDED, HOSTILE, LONG, Seed

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
    await page.get_by_role("combobox", name=re.compile("^Order")).select_option("created_at")
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


async def test_pages_go_on_where_they_were(open_: Open, seed: Seed) -> None:
    page = await begin(open_, many(seed), "", 50)
    await page.get_by_role("button", name="Load more (70 left)").click()
    await expect(rows(page)).to_have_count(100)
    await expect(rows(page).nth(50)).to_be_focused()
    seed.tell(seed.event("client.created", "c0005", name="Client 000b"))
    seed.stack.shown(seed.business, "/clients", lambda found: found["total"] == 121)
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
    await expect(page).to_have_url(re.compile("q=dmitri$"))
    await expect(rows(page)).to_have_count(1)
    await page.get_by_role("checkbox", name="Select Dmitri Laine").focus()
    await page.keyboard.press("Space")
    await page.keyboard.press("Tab")
    await expect(rows(page).first).to_be_focused()
    for _ in range(3):  # what can be done stands before the list, however long it is
        await page.keyboard.press("Shift+Tab")
    await expect(the_bar(page).get_by_role("button", name="Export")).to_be_focused()
    for _ in range(3):
        await page.keyboard.press("Shift+Tab")
    await expect(the_bar(page).get_by_role("button", name="Set status")).to_be_focused()
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
    await page.get_by_role("button", name="Import").click()
    await expect(page.get_by_role("dialog", name="Import clients")).to_be_visible()
    await page.keyboard.press("Escape")
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
