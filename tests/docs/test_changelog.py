"""What the changelog calls not supported is answered ``not_supported``, and nothing else is."""

import ast

import pytest

from tests.docs.pages import ROOT, page, section

PARTLY = {"inactive_after_days": 1}
"""Fields that are refused though their message is supported, and how often the code refuses them."""


def refused_in_part() -> list[str]:
    """The messages of every ``Rejected("not_supported", "...")`` with a fixed text."""
    texts = []
    for path in (ROOT / "worker" / "domain").glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Rejected":
                code, text = node.args[:2]
                if isinstance(code, ast.Constant) and code.value == "not_supported" and isinstance(text, ast.Constant):
                    texts.append(text.value)
    return texts


@pytest.mark.parametrize("field", PARTLY)
def test_fields_that_are_not_supported_are_listed(field: str) -> None:
    assert f"`{field}" in section(page("CHANGELOG.md"), "### Not supported yet")
    assert [text.startswith(field) for text in refused_in_part()].count(True) == PARTLY[field]


def test_no_other_field_is_refused() -> None:
    assert len(refused_in_part()) == sum(PARTLY.values())
