"""Every exit code, dead-letter code, refusal and metric in the code is in the documentation, and no other."""

import ast
import re

from tests.docs.pages import ROOT, first_cells, page, section
from topics import dead_letters
from worker import errors


def exit_codes() -> set[int]:
    classes = [c for c in vars(errors).values() if isinstance(c, type) and issubclass(c, errors.StopError)]
    return {0, *(c.exit_code for c in classes)}


def refusals() -> set[str]:
    """The codes in ``Rejected("code", ...)`` and ``Problem(code="code")`` of the worker, also by a constant's name."""
    found = set()
    for path in (*(ROOT / "worker" / "domain").glob("*.py"), *(ROOT / "worker" / "pipeline").glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Name)
                and node.func.id in {"Rejected", "Problem"}
            ):
                code = node.args[0] if node.args else next(k.value for k in node.keywords if k.arg == "code")
                if isinstance(code, ast.Constant):
                    found.add(code.value)
                elif isinstance(code, ast.Name) and code.id.isupper():
                    found.add(getattr(dead_letters, code.id))
    return found


def test_exit_codes() -> None:
    table = section(page("docs/operating.md"), "## When it stops: exit codes")
    assert [int(cell) for cell in first_cells(table) if cell.isdigit()] == sorted(exit_codes())


def test_codes_after_which_a_supervisor_starts_it_again() -> None:
    (sentence,) = re.findall(r"start it again at once after ([0-9, and]+)", page("docs/operating.md"))
    assert {int(code) for code in re.findall(r"\d+", sentence)} == errors.RESTARTABLE


def test_dead_letter_codes_in_their_order() -> None:
    table = section(page("docs/contract.md"), "## Dead letters").partition("The codes, in the order")[2]
    assert tuple(cell.strip("`") for cell in first_cells(table) if cell != "code") == dead_letters.CODES


def test_codes_of_refused_commands() -> None:
    table = section(page("docs/contract.md"), "## Commands and control messages").partition("**The answers.**")[2]
    assert set(re.findall(r"`(\w+)`", " ".join(first_cells(table)))) == refusals()
