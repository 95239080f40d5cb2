"""A formula in a line and what touches it are one element."""

import pytest
from docutils import nodes
from docutils.frontend import get_default_settings
from docutils.utils import new_document
from unbroken import Unbroken


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("where ", ". Then", ["where ", "«$K$.»", " Then"]),
        ("see (", "), and", ["see ", "«($K$),»", " and"]),
        ("for ", "-almost all", ["for ", "«$K$-almost»", " all"]),
        ("for ", " alone", ["for ", "$K$", " alone"]),
        ("", "", ["$K$"]),
    ],
)
def test_what_touches_a_formula_stays_beside_it(before, after, expected):
    document = new_document("test", get_default_settings())
    document += nodes.paragraph("", "", nodes.Text(before), nodes.math("", "K"), nodes.Text(after))
    Unbroken(document).run()
    assert [written for node in document[0] if (written := write(node))] == [text for text in expected if text]


def test_formulas_that_touch_each_other_lose_nothing():
    document = new_document("test", get_default_settings())
    document += nodes.paragraph("", "", nodes.math("", "a"), nodes.Text("–"), nodes.math("", "b"), nodes.Text("."))
    Unbroken(document).run()
    assert "".join(map(write, document[0])) == "«$a$–»«$b$.»"


def write(node):
    if isinstance(node, nodes.inline):
        assert node["classes"] == ["unbroken"]
        return f"«{''.join(map(write, node))}»"
    return f"${node.astext()}$" if isinstance(node, nodes.math) else node.astext()
