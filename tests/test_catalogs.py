"""The catalogs of the translation, and catalogs with one fault each."""

import catalogs
import pytest
from babel.messages.catalog import Message

LANGUAGE = "pt_BR"
SOURCE = (
    "By {eq}`eq-a`, {term}`gradient descent` makes **$x^2$** small; see {ref}`there <chap-x>`, `f(x)` and [a](b.md)."
)
GOOD = (
    "Por {eq}`eq-a`, a {term}`descida do gradiente` torna **$x^2$** pequeno; "
    "veja {ref}`ali <chap-x>`, `f(x)` e [um](b.md)."
)


def test_everything_is_translated_and_right():
    assert catalogs.problems(LANGUAGE) == []


def test_there_is_much_to_translate():
    assert sum(len(catalogs.extracted(page)) for page in catalogs.all_pages()) > 4000


def test_no_catalog_holds_what_the_book_no_longer_says():
    for page in set(catalogs.all_pages()) - set(catalogs.EXTENSIONS):
        held = {(entry.context, entry.id) for entry in catalogs.catalog(LANGUAGE, page) if entry.id}
        assert held == set(catalogs.extracted(page)), page


def test_the_catalog_that_ships_with_the_package_is_compiled_from_the_one_beside_it():
    assert catalogs.mo(LANGUAGE).read_bytes() == catalogs.compiled(LANGUAGE, "ntklib")


def test_a_right_translation_has_no_fault():
    assert catalogs.wrong(LANGUAGE, Message(SOURCE, GOOD)) == []


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("$x^2$", "$x^3$"),
        ("{eq}`eq-a`", "{eq}`eq-b`"),
        ("{ref}`ali <chap-x>`", "{ref}`ali <chap-y>`"),
        ("{term}`descida do gradiente`", "descida do gradiente"),
        ("`f(x)`", "`f(y)`"),
        ("(b.md)", "(c.md)"),
        ("**", ""),
        ("descida do gradiente", "descida pelo gradiente"),
        (GOOD, ""),
    ],
)
def test_a_wrong_translation_is_found(old, new):
    assert len(catalogs.wrong(LANGUAGE, Message(SOURCE, GOOD.replace(old, new)))) == 1


def test_a_fuzzy_translation_is_found():
    assert "fuzzy" in catalogs.wrong(LANGUAGE, Message(SOURCE, GOOD, flags=["fuzzy"]))[0]


def test_a_note_admits_another_word():
    other = GOOD.replace("descida do gradiente", "método do gradiente")
    assert len(catalogs.wrong(LANGUAGE, Message(SOURCE, other))) == 1
    assert catalogs.wrong(LANGUAGE, Message(SOURCE, other, user_comments=["the method, not the descent"])) == []


@pytest.mark.parametrize(
    ("source", "target", "faults"),
    [
        ("width {n}: $K$\\n", "largura {n}: $K$\\n", 0),
        ("width {n}: $K$\\n", "largura {m}: $K$\\n", 1),
        ("width {n}: $K$\\n", "largura {n}: K\\n", 1),
        ("width {n}: $K$\\n", "largura {n}: $K$", 1),
    ],
)
def test_a_string_of_code_keeps_what_it_fills_in(source, target, faults):
    assert len(catalogs.wrong(LANGUAGE, Message(source, target, context="code"))) == faults


def test_words_in_formulas_may_differ():
    source, target = "Let $a \\text{ if } b$.", "Seja $a \\text{ se } b$."
    assert catalogs.wrong(LANGUAGE, Message(source, target)) == []
