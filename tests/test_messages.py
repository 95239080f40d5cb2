"""What is translated of a text and of code, and that everything else stays as it is."""

import catalogs
import messages
import nbformat
import pytest

TEXT = """\
(chap-x)=
# A title with $x$

A paragraph with {term}`least squares`, `code` and {eq}`eq-a`,
over two lines.

- first, {ref}`there <chap-y>`
- second
  line

> quoted

$$
a = b \\quad \\text{for all } c
$$ (eq-a)

| head | `code` |
|---|---|
| $x$ | a cell \\| with a bar |

:::{prf:theorem} The name
:label: thm-a

- It holds.
:::

::::{admonition} Outside
:class: quiz
:::{dropdown} Inside
An answer.
:::
::::

```{image} a.svg
:alt: What is seen.
```

term
: What it is.

```python
not_a_message = "text"
```
"""
MESSAGES = [
    "A title with $x$",
    "A paragraph with {term}`least squares`, `code` and {eq}`eq-a`, over two lines.",
    "first, {ref}`there <chap-y>`",
    "second line",
    "quoted",
    "for all",
    "head",
    "a cell \\| with a bar",
    "The name",
    "It holds.",
    "Outside",
    "Inside",
    "An answer.",
    "What is seen.",
    "term",
    "What it is.",
]
CODE = '''\
def area(r):
    """A docstring."""
    return 3 * r  # a comment


for name in ["jacobian", "res-jacot"]:
    print(f"the área of {name}: {area(1):.2f}", "ok")
    ax.set(
        title="one long title "
        f"in two parts of {name}",
    )
'''


def collect(walk, source):
    """The messages of a source, which stays as it was."""
    found = []
    assert walk(source, lambda message: (found.append(message), message)[1]) is not None
    return found


def test_the_messages_of_a_text_are_its_paragraphs_titles_and_words_in_formulas():
    assert collect(messages.markdown, TEXT) == MESSAGES


def test_a_translation_takes_the_place_of_its_message():
    new = messages.markdown(TEXT, lambda message: f"<{message}>")
    assert "# <A title with $x$>\n" in new
    assert "- <second line>\n" in new
    assert "> <quoted>\n" in new
    assert "\\text{<for all> } c\n$$ (eq-a)" in new
    assert "| <head> | `code` |\n|---|---|\n| $x$ | <a cell \\| with a bar> |" in new
    assert ":::{prf:theorem} <The name>\n:label: thm-a\n\n- <It holds.>\n:::" in new
    assert ":::{dropdown} <Inside>\n<An answer.>\n:::\n::::" in new
    assert ":alt: <What is seen.>" in new
    assert "<term>\n: <What it is.>" in new
    assert 'not_a_message = "text"' in new


def test_the_messages_of_code_are_its_strings_but_not_its_labels_and_comments():
    found = collect(messages.code, CODE)
    assert found == ["jacobian", "the área of {name}: {area(1):.2f}", "one long title in two parts of {name}"]


def test_translated_code_does_the_same():
    new = messages.code(CODE, str.upper)
    assert 'print(f"THE ÁREA OF {NAME}: {AREA(1):.2F}", "ok")' in new
    assert 'title=f"ONE LONG TITLE IN TWO PARTS OF {NAME}",' in new
    assert '"""A docstring."""' in new
    assert "# a comment" in new


@pytest.mark.parametrize("page", catalogs.pages())
def test_a_page_whose_messages_are_not_translated_stays_as_it_is(page):
    source = catalogs.source(page)
    if source.suffix == ".md":
        text = source.read_text(encoding="utf-8")
        assert messages.markdown(text, str) == text
        return
    notebook, same = (nbformat.read(source, as_version=4) for _ in range(2))
    messages.notebook(notebook, str, str)
    assert notebook == same
