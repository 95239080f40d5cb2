"""The plain edition of a small book, built as the real one is."""

import importlib.util
import re
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
import yaml
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

ROOT = Path(__file__).parents[1]
PLACEHOLDER = "https://github.com/-x/course"

THEORY = r"""(chap-first)=
# First

Uses {ref}`chap-second`, {term}`width`, {doc}`second` and *{term}`widths <width>`*.

:::{prf:theorem} On $x^2$
:label: thm-square

For all $x$, by {cite}`Gauss1801`:

- a list

  $$
  \begin{aligned} x^2 &\ge 0 , \\ x^2 &= |x|^2 \end{aligned}
  $$ (eq-square)
:::

:::{prf:proof}
See {cite:t}`Gauss1801` and {eq}`eq-square`. $\blacksquare$
:::

> :::{prf:remark}
> :label: rem-quoted
>
> It holds, see {prf:ref}`thm-square` in
> {ref}`ex-square`, {numref}`fig-square` and {eq}`eq-cube`.
> :::

:::{prf:proof}
- One.
- Two.
:::

$$ x $$ (eq-short)

`code` and $[a](b)$, [a page](second.ipynb), [the glossary](glossary.md), [elsewhere](https://example.org/x).
"""

PLAIN = r"""# 1. First

Uses [Second](second.ipynb), width, [Second](second.ipynb) and *widths*.

<blockquote>

**Theorem 1.1** (On $x^2$).

For all $x$, by [Gauss, 1801]:

- a list

  $$
  \begin{aligned} x^2 &\ge 0 , \\ x^2 &= |x|^2 \end{aligned}
  \tag{1.1}
  $$

</blockquote>

*Proof.* See Gauss [1801] and (1.1). $\blacksquare$

> <blockquote>
>
> **Remark 1.1**.
>
> It holds, see Theorem 1.1 in
> Exercise 1.1, Fig. 1.1 and [(2.1)](second.ipynb).
>
> </blockquote>

*Proof.*

- One.
- Two.

$\blacksquare$

$$ x \tag{1.2}
$$

`code` and $[a](b)$, [a page](second.ipynb), the glossary, [elsewhere](https://example.org/x).
"""

EXERCISE = """:::{exercise} Try
:label: ex-square

Why {eq}`eq-square`?
:::

:::{solution-start} ex-square
:label: sol-square
:class: dropdown
:::"""

END = """Because.

:::{solution-end}
:::

## Next

Read on."""


QUIZ = """::::{admonition} Check yourself
:class: quiz

Is $x < 1$?

:::{dropdown} If $x < 0$ & `x`
**Right.** See {eq}`eq-cube`.
:::

:::{dropdown} Never
**No.**
:::
::::"""

PLAIN_QUIZ = """<blockquote>

**Check yourself.**

Is $x < 1$?

<details>
<summary>If $x &lt; 0$ &amp; <code>x</code></summary>

**Right.** See (2.1).

</details>

<details>
<summary>Never</summary>

**No.**

</details>

</blockquote>"""


def figure(name):
    described = {"figure": {"caption": "It shows {eq}`eq-square`.", "name": name}, "image": {"alt": "A parabola"}}
    picture = new_output("display_data", {"image/png": "iVBORw0KGgo=", "text/plain": "<Figure>"})
    return new_code_cell("plot()", id=name, metadata={"mystnb": described, "tags": ["hide-input"]}, outputs=[picture])


def first():
    shown = new_output("display_data", {"text/markdown": "By {eq}`eq-square`.", "text/plain": "<Markdown>"})
    return [
        new_markdown_cell(THEORY, id="theory"),
        figure("fig-square"),
        new_markdown_cell(EXERCISE, id="exercise"),
        new_code_cell("1 + 1", id="answer", outputs=[shown], execution_count=2),
        new_markdown_cell(END, id="end"),
    ]


def second():
    return [
        new_markdown_cell("(chap-second)=\n# Second\n\n$$\nx^3\n$$ (eq-cube)\n\n{prf:ref}`thm-square`", id="second"),
        new_markdown_cell(QUIZ, id="quiz"),
    ]


def homework():
    text = "# Homework\n\n[First](../first.ipynb), `x`\n\n<!-- BEGIN QUESTION -->\n\n"
    return [new_markdown_cell(text, id="title"), new_code_cell("...", id="answer", metadata={"editable": False})]


def book(root, address, **chapters):
    """The sources of a book of two chapters, a homework, a list and two plain pages."""
    (root / "chapters/homework").mkdir(parents=True)
    config = yaml.safe_load((ROOT / "_config.yml").read_text(encoding="utf-8"))
    config["repository"]["url"] = address
    # of the real book alone
    del config["logo"], config["html"]["favicon"], config["sphinx"]["local_extensions"]["reference"]
    config["sphinx"]["config"]["extensions"].remove("reference")
    config["sphinx"]["local_extensions"] = dict.fromkeys(config["sphinx"]["local_extensions"], str(ROOT / "tools"))
    config["sphinx"]["config"]["templates_path"] = [str(ROOT / "_templates")]
    chapters = {
        "first": first(),
        "second": second(),
        "homework/hw1": homework(),
        "list": [new_markdown_cell("# List", id="list-title")],
    } | chapters
    parts = [
        {"caption": "Part", "numbered": 1, "chapters": [{"file": "chapters/first"}, {"file": "chapters/second"}]},
        {"caption": "Homework", "chapters": [{"file": "chapters/homework/hw1"}]},
        {"caption": "Lists", "chapters": [{"file": f"chapters/{name}"} for name in ("list", "glossary")]},
    ]
    toc = {"format": "jb-book", "root": "chapters/welcome", "parts": parts}
    (root / "_config.yml").write_text(yaml.safe_dump(config))
    (root / "_toc.yml").write_text(yaml.safe_dump(toc))
    metadata = {"language_info": {"name": "python", "pygments_lexer": "python"}}
    for name, cells in chapters.items():
        nbformat.write(new_notebook(cells=cells, metadata=metadata), root / f"chapters/{name}.ipynb")
    (root / "chapters/welcome.md").write_text("# Welcome\n\n```{bibliography}\n```\n")
    (root / "chapters/glossary.md").write_text("# Glossary\n\n```{glossary}\nwidth\n  A number.\n```\n")
    (root / "chapters/references.bib").write_text(
        "@book{Gauss1801, author={Gauss, C.}, title={D}, publisher={F}, year={1801}}"
    )
    return root


def build(root):
    command = [Path(sys.executable).parent / "jupyter-book", "build", root, "--warningiserror", "--keep-going", "-q"]
    return subprocess.run([*command, "--nitpick"], capture_output=True, text=True)


def git(root, *arguments):
    identity = ["-c", "user.name=A", "-c", "user.email=a@example.org"]
    return subprocess.run(["git", "-C", root, *identity, *arguments], check=True, capture_output=True, text=True).stdout


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """A book in a git checkout that is not published yet."""
    root = book(tmp_path_factory.mktemp("book"), PLACEHOLDER)
    git(root, "init")
    git(root, "add", ".")
    git(root, "commit", "-m", "The book")
    done = build(root)
    assert done.returncode == 0, done.stdout + done.stderr
    return root


@pytest.fixture(scope="module")
def published(tmp_path_factory):
    """A published book; this copy of its sources is no git checkout."""
    root = book(tmp_path_factory.mktemp("published"), "https://github.com/owner/course")
    done = build(root)
    assert done.returncode == 0, done.stdout + done.stderr
    return root


def read(root, name):
    return nbformat.read(root / f"_build/notebooks/chapters/{name}.ipynb", as_version=4)


def test_a_page_is_ordinary_markdown_with_the_numbers_of_the_site(built):
    cells = read(built, "first").cells
    assert cells[0].source == PLAIN
    page = (built / "_build/html/chapters/first.html").read_text(encoding="utf-8")
    captions = re.findall(r'caption-number">(.*?) ?</span>', page)
    assert sorted(captions) == ["Exercise 1.1", "Fig. 1.1", "Remark 1.1", "Theorem 1.1"]
    assert re.findall(r'eqno">\((.*?)\)', page) == re.findall(r"\\tag\{(.*)\}", cells[0].source) == ["1.1", "1.2"]
    assert '<span class="section-number">1. </span>First' in page
    assert all(caption in "".join(cell.source for cell in cells) for caption in captions)


def test_a_solution_is_a_folded_section(built):
    notebook = read(built, "first")
    kinds = [(cell.id, cell.source.split("\n")[0]) for cell in notebook.cells[4:]]
    assert kinds == [
        ("exercise", "### Exercise 1.1 (Try)"),
        ("exercise-6", "#### Solution to Exercise 1.1"),
        ("answer", "1 + 1"),
        ("end", "Because."),
        ("end-4", "## Next"),
    ]
    solution, answer = notebook.cells[5:7]
    assert solution.metadata == {"id": "exercise-6", "jp-MarkdownHeadingCollapsed": True}
    assert notebook.metadata["colab"] == {"collapsed_sections": ["exercise-6"]}
    assert answer.outputs[0].data == {"text/markdown": "By (1.1).", "text/plain": "<Markdown>"}
    assert answer.execution_count == 2


def test_a_figure_keeps_its_picture_and_caption_and_folds_its_code(built):
    code, caption = read(built, "first").cells[2:4]
    assert code.source == "#@title Code of Fig. 1.1\nplot()"
    assert code.metadata == {"cellView": "form", "jupyter": {"source_hidden": True}, "tags": ["hide-input"]}
    assert code.outputs[0].data["image/png"] == "iVBORw0KGgo="
    assert code.outputs[0].metadata == {"image/png": {"alt": "A parabola"}}
    assert caption.source == "*Fig. 1.1.* It shows (1.1)."


def test_the_answers_to_a_question_unfold(built):
    assert read(built, "second").cells[-1].source == PLAIN_QUIZ


def test_links_lead_to_the_site_once_it_has_an_address(published):
    text = read(published, "first").cells[0].source
    site = "https://owner.github.io/course/chapters"
    for link in (
        f"[Second]({site}/second.html#chap-second)",
        f"[width]({site}/glossary.html#term-width)",
        f"*[widths]({site}/glossary.html#term-width)*",
        f"[[Gauss, 1801]({site}/welcome.html#id",
        f"[(2.1)]({site}/second.html#equation-eq-cube)",
        f"[the glossary]({site}/glossary.html)",
        "see Theorem 1.1 in",
    ):
        assert link in text
    assert read(published, "homework/hw1").cells[0].source == homework()[0].source.replace(
        "../first.ipynb", f"{site}/first.html"
    )


def test_homework_is_as_it_was_except_for_the_setup_cell(built):
    title, setup, *rest = read(built, "homework/hw1").cells
    assert [title, *rest] == homework()
    assert setup == read(built, "first").cells[1]


def test_lists_have_no_setup_cell_and_say_why(built):
    cells = read(built, "list").cells
    assert [cell.cell_type for cell in cells] == ["markdown", "markdown"]
    assert "in a copy of the repository only" in cells[1].source


def test_pages_offer_the_plain_notebook_for_download(built):
    page = (built / "_build/html/chapters/first.html").read_text(encoding="utf-8")
    (href,) = set(re.findall(r'href="(\S+\.ipynb)"[^>]*download', page))
    download = (built / "_build/html/chapters" / href).resolve()
    assert download.read_bytes() == (built / "_build/notebooks/chapters/first.ipynb").read_bytes()


def run_setup(root, monkeypatch, *, installed, status=0):
    """Run the setup cell of a chapter; return what it has run."""
    calls = []

    def run(command, **options):
        calls.append(command)
        return subprocess.CompletedProcess(command, status, "", "no such host")

    monkeypatch.setattr(importlib.util, "find_spec", lambda name: installed)
    monkeypatch.setattr(subprocess, "run", run)
    cell = read(root, "first").cells[1]
    assert cell.metadata == {"cellView": "form", "jupyter": {"source_hidden": True}}
    assert cell.source.startswith("#@title ")
    exec(cell.source, {})
    return calls


def test_the_setup_cell_does_nothing_where_ntklib_is(built, published, monkeypatch, capfd):
    assert run_setup(built, monkeypatch, installed=object()) == []
    assert run_setup(published, monkeypatch, installed=object()) == []
    assert capfd.readouterr() == ("", "")


def test_the_setup_cell_installs_ntklib_at_the_commit_of_the_book(built, monkeypatch, capfd):
    source = f"ntklib @ git+{PLACEHOLDER}@{git(built, 'rev-parse', 'HEAD').strip()}"
    (command,) = run_setup(built, monkeypatch, installed=None)
    assert command == [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", source]
    assert capfd.readouterr() == ("", "")


def test_the_setup_cell_says_what_to_do_where_pip_fails(built, monkeypatch):
    with pytest.raises(RuntimeError, match=r"(?s)no such host.*connection.*again.*pip install .*ntklib @ git\+https"):
        run_setup(built, monkeypatch, installed=None, status=1)


def test_the_setup_cell_of_a_copy_without_git_says_what_to_do(published, monkeypatch):
    by_hand = r'git checkout.*pip install "ntklib @ git\+https://github.com/owner/course"'
    with pytest.raises(RuntimeError, match=by_hand):
        run_setup(published, monkeypatch, installed=None)


def test_what_has_no_ordinary_markdown_fails_the_build_and_is_named(tmp_path):
    bad = {
        "role": ("{nothing}`x`", "Sphinx does not know the role of {nothing}`x`"),
        "label": ("{eq}`eq-none`", "{eq}`eq-none` refers to nothing"),
        "directive": (":::{note}\nx\n:::", "no ordinary Markdown for the directive 'note'"),
        "bullet": ("- :::{prf:proof}\n  x\n  :::", "a directive cannot stand behind the mark of a list"),
        "code": ("``{eq}`eq-cube` ``", "looks as if"),
        "footnote": ("x[^a]\n\n[^a]: y", "left as it was: footnote_ref"),
        "image": ("![x](x.png)", "the image x.png stays behind"),
        "dropdown": (":::{dropdown} *One*\nx\n:::", "text, code and formulas, but not em_"),
        "comment": ("% hidden", "left as it was: myst_line_comment"),
        "equation": ("\\begin{align}x\\end{align}", "left as it was: amsmath"),
    }
    cells = [new_markdown_cell(text, id=name) for name, (text, _) in bad.items()]
    done = build(book(tmp_path, PLACEHOLDER, second=[*second(), *cells]))
    assert done.returncode != 0
    assert not (tmp_path / "_build/notebooks").exists()
    for name, (_, message) in bad.items():
        assert re.search(f"chapters/second, cell {name}: .*{re.escape(message)}", done.stderr)


def test_text_that_would_be_folded_with_a_solution_fails_the_build(tmp_path):
    end = new_markdown_cell(":::{solution-end}\n:::\n\nMore.", id="end")
    done = build(book(tmp_path, PLACEHOLDER, first=[*first()[:-1], end]))
    assert done.returncode != 0
    assert re.search("chapters/first, cell end-2: .* folded with the solution", done.stderr)
