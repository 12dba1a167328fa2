"""The frame around every part of the page: signing in and out, languages, light and dark, the keyboard."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.async_api import Browser, expect

from tests.console.who import secret
from tests.page.conftest import NARROW, accessible, shots
from tests.page.seed import Seed
from tests.page.stack import Stack

LANGUAGES = {"en": "Clients", "nl": "Klanten", "it": "Clienti", "fi": "Asiakkaat"}


async def test_one_signs_in_with_a_token(browser: Browser, stack_: Stack, seed: Seed) -> None:
    seed.tell(seed.event("client.created", "anna", name="Anna"))
    seed.stack.shown(seed.business, "/clients", lambda found: found["total"] == 1)
    page = await browser.new_page(locale="en-GB")
    await page.goto(f"{stack_.address}/b/{seed.business}/clients")
    await expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    await accessible(page)
    await shots(page, "sign-in")
    await page.get_by_label("Token").fill("cs_nobody")
    await page.keyboard.press("Enter")
    await expect(page.get_by_text("This token is not known, or not any more.")).to_be_visible()
    await page.get_by_label("Token").fill(secret("Mia"))
    await page.get_by_role("button", name="Sign in").click()
    await expect(page.get_by_role("navigation", name="Main")).to_be_visible()
    await expect(page).to_have_url(f"{stack_.address}/b/{seed.business}/clients")
    await page.get_by_role("button", name="Sign out").click()
    await expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    await page.reload()
    await expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    await page.close()


async def test_a_link_signs_in_and_leaves_no_token_in_the_address(browser: Browser, stack_: Stack, seed: Seed) -> None:
    seed.tell(seed.event("client.created", "anna", name="Anna"))
    page = await browser.new_page(locale="en-GB")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    await page.goto(f"{stack_.address}/sign-in#token={secret('Mia')}")
    await expect(page.get_by_role("navigation", name="Main")).to_be_visible()
    assert secret("Mia") not in page.url
    assert not [url for url in asked if secret("Mia") in url.partition("#")[0]]
    assert await page.evaluate("document.cookie") == ""
    assert await page.evaluate("JSON.stringify({...localStorage, ...sessionStorage})") == "{}"
    await page.close()


@pytest.mark.parametrize(("code", "clients"), LANGUAGES.items())
async def test_the_page_speaks_the_language_of_the_browser(
    open_: Callable[..., Any], salon: Seed, code: str, clients: str
) -> None:
    page = await open_(f"/b/{salon.business}/clients", locale=code)
    await expect(page.locator("nav").get_by_text(clients, exact=True)).to_be_visible()
    assert await page.evaluate("document.documentElement.lang") == code
    other = "it" if code != "it" else "en"
    await page.locator(".side-foot select").select_option(other)
    await expect(page.locator("nav").get_by_text(LANGUAGES[other], exact=True)).to_be_visible()
    await page.reload()
    await expect(page.locator("nav").get_by_text(LANGUAGES[other], exact=True)).to_be_visible()


async def test_every_text_is_there_in_every_language(open_: Callable[..., Any], seed: Seed) -> None:
    page = await open_("/")
    missing = await page.evaluate(
        """async (parts) => {
            for (const part of parts) await import(`/page/pages/${part}/page.js`);
            const {LANGUAGES, tables} = await import("/page/lib/i18n.js");
            const fields = (said) => [...said.matchAll(/\\{\\w+\\}/g)].map(String).sort().join();
            const shape = (said) => typeof said === "object" ? "plural" : fields(said);
            const wrong = [];
            for (const {name, table} of tables) for (const code of Object.keys(LANGUAGES)) {
                const [ours, english] = [table[code] ?? {}, table.en];
                for (const key of new Set([...Object.keys(ours), ...Object.keys(english)])) {
                    if (!(key in ours && key in english)) wrong.push(`${name}: ${code}: ${key} is missing`);
                    else if (shape(ours[key]) !== shape(english[key])) wrong.push(`${name}: ${code}: ${key} differs`);
                }
            }
            return {wrong, tables: tables.length};
        }""",
        ["clients", "client", "automation", "activity"],
    )
    assert missing["wrong"] == []
    assert missing["tables"] >= 2


@pytest.mark.parametrize("part", ["nothing", "constructor", "automation/toString"])
async def test_an_address_without_a_part_says_so(open_: Callable[..., Any], seed: Seed, part: str) -> None:
    page = await open_(f"/b/{seed.business}/{part}")
    await expect(page.get_by_text("There is nothing here")).to_be_visible()


async def test_light_and_dark_can_be_chosen(open_: Callable[..., Any], salon: Seed) -> None:
    page = await open_(f"/b/{salon.business}/activity", color_scheme="light")
    ground = "getComputedStyle(document.body).backgroundColor"
    light = await page.evaluate(ground)
    await page.get_by_role("button", name="Dark").click()
    assert await page.evaluate(ground) != light
    await page.reload()
    await expect(page.get_by_role("button", name="Light")).to_be_visible()
    assert await page.evaluate(ground) != light


async def test_the_keyboard_reaches_the_content_first(open_: Callable[..., Any], salon: Seed) -> None:
    page = await open_(f"/b/{salon.business}/clients")
    await expect(page.get_by_role("navigation", name="Main")).to_be_visible()
    await page.keyboard.press("Tab")
    await expect(page.get_by_text("Skip to the content")).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(page.locator("#content")).to_be_focused()


async def test_the_frame_fits_a_phone(open_: Callable[..., Any], salon: Seed) -> None:
    page = await open_(f"/b/{salon.business}/activity", viewport=NARROW)
    await page.get_by_role("link", name="Automation").click()
    await expect(page).to_have_url(f"{salon.stack.address}/b/{salon.business}/automation")
    await page.go_back()
    await expect(page).to_have_url(f"{salon.stack.address}/b/{salon.business}/activity")
    await expect(page.get_by_role("link", name="Activity")).to_have_attribute("aria-current", "page")
