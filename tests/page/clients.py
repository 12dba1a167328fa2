"""What the tests of the part Clients do again and again."""

from collections.abc import Awaitable, Callable
from typing import Any

from playwright.async_api import Locator, Page, expect

from tests.page.seed import CLIENTS, Seed

Open = Callable[..., Awaitable[Page]]
HERE = len(CLIENTS) - 1
"""Those of the salon whose relationship has not ended."""
MANY = 120
"""More than one page shows."""


def many(seed: Seed, count: int = MANY) -> Seed:
    """A business with many clients."""
    seed.tell(*(seed.event("client.created", f"c{n:03}", name=f"Client {n:03}") for n in range(count)))
    seed.stack.shown(seed.business, "/clients", lambda found: found["total"] == count)
    return seed


def rows(page: Page) -> Locator:
    """The names in the list, each a link."""
    return page.locator(".client-link")


async def begin(open_: Open, seed: Seed, query: str = "", shown: int | None = HERE, **options: Any) -> Page:
    """The part as it is opened, once so many clients are shown."""
    page = await open_(f"/b/{seed.business}/clients{query}", **options)
    if shown is not None:
        await expect(rows(page)).to_have_count(shown)
    return page


async def select(page: Page, *names: str) -> None:
    """Tick the boxes of these clients."""
    for name in names:
        await page.get_by_role("checkbox", name=f"Select {name}").check()


def the_bar(page: Page) -> Locator:
    """What can be done with those who are selected."""
    return page.get_by_role("region", name="Selected clients")
