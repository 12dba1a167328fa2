"""A browser and the whole stack behind the page, for all tests here; a business of its own for each."""

import itertools
import os
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from axe_playwright_python.base import AXE_FILE_PATH
from playwright.async_api import Browser, BrowserContext, Page, async_playwright, expect

from tests.brokers.embedded import EmbeddedKafka
from tests.conftest import unavailable
from tests.console.who import secret
from tests.kit.place import ROOT, Place
from tests.page.seed import Seed
from tests.page.stack import Stack, stack

WIDE = {"width": 1280, "height": 800}
NARROW = {"width": 390, "height": 800}
ARTIFACTS = ROOT / "artifacts" / "screens"
CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
PATIENCE_MS = 30_000
SERIOUS = {"serious", "critical"}
expect.set_options(timeout=PATIENCE_MS)
_numbers = itertools.count(1)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The browser lives in one event loop for the whole run, so all tests of the page run in that one."""
    for item in items:
        if Path(__file__).parent in item.path.parents and isinstance(item, pytest.Function):
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.embedded)
            if item.get_closest_marker("asyncio"):
                item.add_marker(pytest.mark.asyncio(loop_scope="session"), append=False)


@pytest.fixture(scope="session")
def stack_(embedded: EmbeddedKafka, new_place: Callable[..., Place], tmp_path_factory: Any) -> Iterator[Stack]:
    """Broker, Valkey, worker, projector and console, for all tests of the page."""
    with stack(new_place(embedded, "page"), tmp_path_factory.mktemp("page")) as running:
        yield running


@pytest_asyncio.fixture(loop_scope="session", scope="session")
async def browser() -> AsyncIterator[Browser]:
    """Chromium, as the system has it."""
    found = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, CHROMIUM)), None)
    if found is None:
        unavailable("browser", f"none of {', '.join(CHROMIUM)} is installed (Debian: apt install chromium)")
    async with async_playwright() as playwright:
        yield await playwright.chromium.launch(executable_path=found, args=["--no-sandbox"])


@pytest.fixture
def seed(stack_: Stack) -> Seed:
    """A business of this test's own, with nothing in it yet."""
    return Seed(stack_, f"salon-{next(_numbers)}")


@pytest.fixture
def salon(seed: Seed) -> Seed:
    """A business with clients."""
    seed.clients()
    return seed


Open = Callable[..., Awaitable[Page]]


@pytest_asyncio.fixture(loop_scope="session")
async def open_(browser: Browser, stack_: Stack) -> AsyncIterator[Open]:
    """Signs in and opens an address: ``await open_("/b/salon/clients", who="Vera", viewport=NARROW, locale="nl")``.

    Afterwards nothing may have failed in the page: no error in it, nothing that its policy refused.
    """
    contexts: list[BrowserContext] = []
    complaints: list[str] = []

    async def opened(path: str, who: str = "Mia", **options: Any) -> Page:
        context = await browser.new_context(**{"viewport": WIDE, "locale": "en-GB", "timezone_id": "UTC", **options})
        context.set_default_timeout(PATIENCE_MS)
        contexts.append(context)
        page = await context.new_page()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda said: complaints.append(said.text) if _bad(said) else None)
        page.on("request", lambda asked: complaints.append(asked.url) if _elsewhere(asked.url) else None)
        headers = {"Sec-Fetch-Site": "same-origin"}
        signed = await context.request.post(f"{stack_.address}/session", data={"token": secret(who)}, headers=headers)
        assert signed.status == 204, await signed.text()
        await page.goto(stack_.address + path)
        return page

    def _elsewhere(url: str) -> bool:
        return not url.startswith((stack_.address, "blob:"))

    yield opened
    for context in contexts:
        await context.close()
    assert not complaints, complaints


def _bad(said: Any) -> bool:
    refusals = "Failed to load resource"  # an answer of the API that refuses is no fault of the page
    return said.type in {"error", "warning"} and not said.text.startswith(refusals)


async def shots(page: Page, name: str) -> None:
    """The page as it is now, wide and narrow, light and dark, into artifacts/screens."""
    ARTIFACTS.mkdir(parents=True, exist_ok=True)
    before = page.viewport_size
    for scheme in ("light", "dark"):
        await page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # type: ignore[arg-type]
        for width, size in (("wide", WIDE), ("narrow", NARROW)):
            await page.set_viewport_size(size)  # type: ignore[arg-type]
            await page.screenshot(path=ARTIFACTS / f"{name}-{width}-{scheme}.png", full_page=False)
            overflow = await page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
            assert overflow <= 0, f"{name}, {width}: the page is {overflow} px too wide"
    await page.emulate_media(color_scheme=None, reduced_motion=None)
    if before is not None:
        await page.set_viewport_size(before)


async def accessible(page: Page) -> None:
    """axe finds nothing serious, light or dark."""
    await page.evaluate(f"() => {{ {AXE_FILE_PATH.read_text()} }}")
    for scheme in ("light", "dark"):
        await page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # type: ignore[arg-type]
        await page.evaluate("new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)))")
        found = await page.evaluate("axe.run(document, {resultTypes: ['violations']})")
        told = [
            f"{scheme}: {v['id']} ({v['impact']}): {v['help']}: {[n['html'][:160] for n in v['nodes'][:3]]}"
            for v in found["violations"]
            if v["impact"] in SERIOUS
        ]
        assert not told, "\n".join(told)
    await page.emulate_media(color_scheme=None, reduced_motion=None)
