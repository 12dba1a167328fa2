"""What the documentation says of topics, types, settings and metrics is what the code says."""

import importlib.util
from types import ModuleType

import pytest

from tests.docs.pages import ROOT


def renderer() -> ModuleType:
    spec = importlib.util.spec_from_file_location("render", ROOT / "docs" / "render.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


RENDER = renderer()


@pytest.mark.parametrize("name", RENDER.PAGES)
def test_the_page_is_up_to_date(name: str) -> None:
    page = (ROOT / name).read_text()
    assert RENDER.render(page) == page, "run: make docs"


def test_every_part_is_somewhere() -> None:
    pages = "".join((ROOT / name).read_text() for name in RENDER.PAGES)
    assert [part for part in RENDER.PARTS if f"<!-- rendered: {part} -->" not in pages] == []


def test_a_page_that_is_out_of_date_would_be_noticed() -> None:
    page = (ROOT / "docs/operating.md").read_text()
    stale = page.replace("`client_status_lag_records`", "`client_status_lag`")
    assert stale != page
    assert RENDER.render(stale) == page
