"""The page of rules and the tests: every rule is there, and every test that it names is there and names the rule."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest

from tests.docs.pages import ROOT, page

SECTIONS = {"P": 3, "A": 7, "B": 11, "C": 6, "D": 7, "E": 7, "F": 4, "G": 6, "H": 6, "J": 5, "K": 2}
"""How many rules each section has."""
RULES = [f"{section}{number}" for section, count in SECTIONS.items() for number in range(1, count + 1)]
_TEST = re.compile(r"^- `(tests/[a-z0-9_/]+\.py)::(test_[a-z0-9_]+)`$", re.MULTILINE)
_CODE = re.compile(r"\b[A-HJKP][0-9]{1,2}\b")


def on_the_page() -> dict[str, str]:
    """By its code what the page says of a rule."""
    parts = re.split(r"^#{2,3} ", page("docs/rules.md"), flags=re.MULTILINE)
    return {part.split()[0]: part for part in parts if _CODE.fullmatch(part.split()[0])}


def listed() -> list[tuple[str, str, str]]:
    """Every rule with a test that shows it: code, file, name."""
    return [(code, *test) for code, part in on_the_page().items() for test in _TEST.findall(part)]


@cache
def functions_of(path: Path) -> dict[str, str]:
    """The tests of a file by name, with their docstrings."""
    functions = [
        n for n in ast.walk(ast.parse(path.read_text())) if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef)
    ]
    return {f.name: ast.get_docstring(f) or "" for f in functions if f.name.startswith("test_")}


def names(code: str, test: str, docstring: str) -> bool:
    """Does a test say that it shows a rule, in its name (``test_b7_...``) or its docstring (``B7``)?"""
    return f"_{code.lower()}_" in test or code in _CODE.findall(docstring)


def test_every_rule_is_on_the_page_in_order() -> None:
    assert list(on_the_page()) == RULES


@pytest.mark.parametrize("code", RULES)
def test_a_rule_is_shown_by_tests(code: str) -> None:
    part = on_the_page()[code]
    assert part.count("\n- ") == len(_TEST.findall(part)) > 0, "what is listed is a test, and one at least is"


@pytest.mark.parametrize(("code", "file", "test"), listed(), ids=lambda part: part)
def test_a_listed_test_is_there_and_names_its_rule(code: str, file: str, test: str) -> None:
    assert (ROOT / file).is_file()
    found = functions_of(ROOT / file)
    assert test in found
    assert names(code, test, found[test])


@pytest.mark.parametrize(
    ("test", "docstring", "is_named"),
    [
        ("test_b7_x", "", True),
        ("test_x", "As in B7.", True),
        ("test_b70_x", "B70, b7", False),
        ("test_b6_x", "", False),
    ],
)
def test_naming_a_rule(test: str, docstring: str, *, is_named: bool) -> None:
    assert names("B7", test, docstring) == is_named
