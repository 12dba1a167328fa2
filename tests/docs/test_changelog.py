"""What the changelog calls not supported is answered ``not_supported``, and nothing else is."""

import ast

from tests.docs.pages import ROOT


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


def test_no_field_of_a_supported_message_is_refused() -> None:
    assert refused_in_part() == []
