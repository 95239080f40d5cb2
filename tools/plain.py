"""Sphinx extension: the plain edition, the notebooks of the book with MyST resolved to ordinary Markdown.

It is written once the site has been built, and from the environment of the site, so that the numbers are the same: next
to the site, in `notebooks`, and in place of the sources that its pages offer for download.
"""

import posixpath
import re
import shutil
from collections.abc import Iterator
from functools import cache
from html import escape
from itertools import pairwise
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import nbformat
import repository
from docutils import nodes
from docutils.frontend import get_default_settings
from docutils.parsers.rst import directives
from docutils.parsers.rst.languages import en as english
from docutils.utils import new_document
from markdown_it.token import Token
from myst_parser.mdit_to_docutils.sphinx_ import SphinxRenderer
from myst_parser.parsers.directives import parse_directive_text
from myst_parser.parsers.mdit import create_md_parser
from myst_parser.parsers.sphinx_ import MystParser
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.errors import SphinxError
from sphinx.locale import get_translation
from sphinx.util.docutils import sphinx_domains

_ = get_translation("site")
ROLE = re.compile(r"\{([\w:+.-]+)\}(`+)(.+?)(?<!`)\2(?!`)", re.DOTALL)
# what GitHub, Colab and JupyterLab read; everything else is MyST's
ORDINARY = {
    *("blockquote", "bullet_list", "code_block", "code_inline", "em", "fence", "hardbreak", "heading", "hr"),
    *("html_block", "html_inline", "image", "inline", "link", "list_item", "math_block", "math_inline"),
    *("ordered_list", "paragraph", "s", "softbreak", "strong", "table", "tbody", "td", "text", "th", "thead", "tr"),
}

SETUP = """\
import importlib.util
import subprocess
import sys

if importlib.util.find_spec("ntklib") is None:
    source = "ntklib @ git+{address}@{commit}"
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", source]
    done = subprocess.run(pip, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(
            f"{{done.stderr}}\\nntklib could not be installed. Check the connection to the internet and run this cell "
            f'again. Outside Colab, install it by hand: pip install "{{source}}"'
        )"""
SETUP_BY_HAND = """\
import importlib.util

if importlib.util.find_spec("ntklib") is None:
    raise RuntimeError(
        "ntklib is missing. This notebook was not made from a git checkout, so it cannot say which version it needs. "
        'Install the newest one by hand: pip install "ntklib @ git+{address}"'
    )"""
LIST = _("The code of this notebook reads the sources of the book: it runs in a copy of the repository only.")


class PlainError(SphinxError):
    """Something in a notebook that has no ordinary Markdown."""

    category = "Plain edition"


class Page:
    """A page of the site, as which texts are read and resolved."""

    def __init__(self, app: Sphinx, docname: str):
        self.app, self.env, self.docname = app, app.env, docname
        self.site = app.config.html_baseurl.rstrip("/")
        self.parser = create_md_parser(self.env.myst_config, SphinxRenderer)
        self.settings = get_default_settings(MystParser)
        self.settings.env = self.env
        self.inline = cache(self.inline)  # most things are referred to more than once

    def tokens(self, text: str) -> Iterator[Token]:
        """Every token of a text, those inside paragraphs too; a directive with all that it holds is one."""
        for token in self.parser.parse(text):
            yield token
            yield from token.children or ()

    def plain(self, text: str) -> str:
        """Write MyST as ordinary Markdown."""
        lines = text.split("\n")
        tokens = list(self.tokens(text))
        for token in reversed(tokens):
            if token.type in ("fence", "colon_fence") and token.info.startswith("{"):
                self.replace(lines, token, self.directive(token))
            elif token.type == "math_block_label":
                last = token.map[1] - 1
                start, indent = re.fullmatch(r"((\s*).*?)\$\$\s*\([^()]+\)\s*", lines[last]).groups()
                number = self.inline(f"{{eq}}`{token.info}`").strip("()")
                lines[last] = f"{start}\\tag{{{number}}}\n{indent}$$"  # around aligned, never inside
            elif token.type == "myst_target":
                del lines[slice(*token.map)]
            elif token.type == "image" and not urlsplit(token.attrs["src"]).scheme:
                raise PlainError(f"the image {token.attrs['src']} stays behind: use a figure directive")
        text = "\n".join(lines)

        roles = [(token.meta["name"], " ".join(token.content.split())) for token in tokens if token.type == "myst_role"]
        found = [(match[1], " ".join(match[3].split())) for match in ROLE.finditer(text)]
        if found != roles:
            raise PlainError(f"the roles are {roles}, but it looks as if they were {found}")
        text = ROLE.sub(lambda match: self.inline(match[0]), text)

        hrefs = {token.attrs["href"] for token in tokens if token.type == "link_open"}
        for href in sorted(href for href in hrefs if not urlsplit(href).scheme):
            link = rf"\[[^\[\]]*\]\({re.escape(href)}\)"
            text = re.sub(link, lambda match: self.inline(match[0]), text)
        return text

    @staticmethod
    def replace(lines: list[str], token: Token, text: str) -> None:
        """Put a text in place of a directive, as deep in a list or a quotation."""
        start, end = token.map
        prefix = re.match(r"[\s>]*", lines[start])[0]
        if not lines[start].startswith(prefix + token.markup):
            raise PlainError(f"a directive cannot stand behind the mark of a list: {lines[start]!r}")
        lines[start:end] = [f"{prefix}{line}".rstrip() for line in text.split("\n")]

    def directive(self, token: Token) -> str:
        """Write a directive as ordinary Markdown."""
        name, first_line = re.fullmatch(r"\{([^}]*)\}\s*(.*)", token.info).groups()
        with sphinx_domains(self.env):
            kind = directives.directive(name, english, self.document())[0]  # patched by sphinx_domains
        if kind is None:
            raise PlainError(f"there is no directive {name!r}")
        parsed = parse_directive_text(kind, first_line, token.content)
        if parsed.warnings:
            raise PlainError(f"{name}: {'; '.join(warning.msg for warning in parsed.warnings)}")
        label, body = parsed.options.get("label", ""), self.plain("\n".join(parsed.body).strip())
        title = f" ({self.plain(parsed.arguments[0])})" if parsed.arguments else ""
        match name.split(":"):
            case ["prf", "proof"]:
                gap = " " if next(self.tokens(body)).type == "paragraph_open" else "\n\n"
                end = "" if r"\blacksquare" in body else "\n\n$\\blacksquare$"
                return f"*{_('Proof')}.*{gap}{body}{end}"
            case ["prf", _]:
                head = self.inline(f"{{prf:ref}}`{label}`")
                return f"<blockquote>\n\n**{head}**{title}.\n\n{body}\n\n</blockquote>"
            case ["exercise"]:
                head = self.inline(f"{{ref}}`{label}`")
                return f"### {head}{title}\n\n{body}"
            case ["solution-start"]:
                head = self.inline(f"{{ref}}`{parsed.arguments[0]}`")
                return f"#### {_('Solution to')} {head}"
            case ["admonition"]:
                return f"<blockquote>\n\n**{self.plain(parsed.arguments[0])}.**\n\n{body}\n\n</blockquote>"
            case ["dropdown"]:
                return f"<details>\n<summary>{self.summary(parsed.arguments[0])}</summary>\n\n{body}\n\n</details>"
            case ["figure"]:
                head = self.inline(f"{{numref}}`{parsed.options['name']}`")
                return f"![{parsed.options['alt']}]({self.image(parsed.arguments[0])})\n\n*{head}.* {body}"
            case ["include"] if not parsed.options:
                path = self.env.relfn2path(parsed.arguments[0], self.docname)[1]
                return self.plain(Path(path).read_text(encoding="utf-8").strip())
        raise PlainError(f"there is no ordinary Markdown for the directive {name!r}")

    def summary(self, text: str) -> str:
        """Write a line as HTML, where Markdown is not read but formulas are."""
        kinds = {"text": "{}", "math_inline": "${}$", "code_inline": "<code>{}</code>"}
        tokens = [token for token in self.tokens(text) if not token.type.startswith(("paragraph", "inline"))]
        if unknown := {token.type for token in tokens} - set(kinds):
            raise PlainError(f"the title of a dropdown holds text, code and formulas, but not {', '.join(unknown)}")
        return "".join(kinds[token.type].format(escape(token.content, quote=False)) for token in tokens)

    def document(self) -> nodes.document:
        """An empty document that takes itself for this page."""
        return new_document(self.env.doc2path(self.docname), self.settings)

    def inline(self, text: str) -> str:
        """Let Sphinx resolve a role or a link as on this page; write what comes out as ordinary Markdown."""
        document = self.document()
        self.env.temp_data["docname"] = self.docname
        with sphinx_domains(self.env):
            MystParser().parse(text, document)
        references = list(document.findall(addnodes.pending_xref))
        self.env.resolve_references(document, self.docname, self.app.builder)
        if any(document.findall(lambda node: isinstance(node, nodes.problematic | nodes.system_message))):
            raise PlainError(f"Sphinx does not know the role of {text}")
        if references and not any(document.findall(nodes.reference)):
            raise PlainError(f"{text} refers to nothing")
        return self.markdown(document)

    def markdown(self, node: nodes.Node) -> str:
        """Write resolved nodes as ordinary Markdown."""
        if isinstance(node, nodes.Text):
            return re.sub(r"([\\*_`<$])", r"\\\1", node.astext())
        if isinstance(node, nodes.math):
            return f"${node.astext()}$"
        text = "".join(map(self.markdown, node.children))
        match node:
            case nodes.document() | nodes.paragraph() | nodes.inline() | nodes.literal():
                return text
            case nodes.emphasis():
                return f"*{text}*"
            case nodes.strong():
                return f"**{text}**"
            case nodes.reference():
                address = self.address(node)
                return f"[{text}]({address})" if address else text
        raise PlainError(f"there is no ordinary Markdown for {node}")

    def address(self, reference: nodes.reference) -> str:
        """Where a reference leads from the plain notebook; empty inside of the page and where there is no address."""
        if "refid" in reference:
            return ""
        uri_of = self.app.builder.get_target_uri
        uri = urljoin(uri_of(self.docname), reference["refuri"])
        if urlsplit(uri).scheme:
            return uri
        page = next(name for name in self.env.found_docs if uri_of(name) == urlsplit(uri).path)
        if page == self.docname:
            return ""
        if self.site:
            return f"{self.site}/{uri}"
        if not is_notebook(self.app, page):
            return ""
        return posixpath.relpath(f"{page}.ipynb", posixpath.dirname(self.docname))

    def image(self, path: str) -> str:
        """Where the image of a figure stands: on the site, or in its build next to the notebooks."""
        name = self.env.images[self.env.relfn2path(path, self.docname)[0]][1]
        return f"{self.site or posixpath.relpath('../html', posixpath.dirname(self.docname))}/_images/{name}"


def is_notebook(app: Sphinx, docname: str) -> bool:
    """Whether a page is a notebook."""
    return app.env.doc2path(docname).endswith(".ipynb")


def parts(page: Page, notebook: NotebookNode) -> Iterator[tuple[str, NotebookNode]]:
    """The cells of a notebook with the kind of each; where a solution starts or ends is a cell of its own."""
    for cell in notebook.cells:
        text = cell.source if cell.cell_type == "markdown" else ""
        marks = [token for token in page.tokens(text) if token.info.startswith("{solution-")]
        if not marks:
            yield cell.cell_type, cell
            continue
        lines = cell.source.split("\n")
        kinds = {token.map[0]: token.info[1 : token.info.index("}")] for token in marks}
        for start, end in pairwise([0, *(line for token in marks for line in token.map), len(lines)]):
            if source := "\n".join(lines[start:end]).strip():
                part = new_markdown_cell(source, id=f"{cell.id}-{start}" if start else cell.id)
                yield kinds.get(start, "markdown"), part


def plain_code(page: Page, cell: NotebookNode) -> list[NotebookNode]:
    """A code cell, and one with the caption of its figure."""
    figure, image = (cell.metadata.get("mystnb", {}).get(key, {}) for key in ("figure", "image"))
    cell.metadata.pop("mystnb", None)
    number = page.inline(f"{{numref}}`{figure['name']}`") if figure else ""
    if "hide-input" in cell.metadata.get("tags", []):
        fold(cell, _("Code of {figure}").format(figure=number) if figure else _("Code"))
    for output in cell.outputs:
        data = output.get("data", {})
        if "text/markdown" in data:
            data["text/markdown"] = page.plain(data["text/markdown"])
        if "image/png" in data and "alt" in image:
            output.metadata["image/png"] = {"alt": image["alt"]}
    caption = f"*{number}.* {page.plain(figure['caption'])}" if figure else ""
    return [cell, new_markdown_cell(caption, id=f"{cell.id}-caption")] if figure else [cell]


def fold(cell: NotebookNode, title: str) -> NotebookNode:
    """Hide the source of a code cell, in Colab behind a title."""
    cell.metadata |= {"cellView": "form", "jupyter": {"source_hidden": True}}
    cell.source = f"#@title {title}\n{cell.source}"
    return cell


def check(page: Page, cell: NotebookNode) -> None:
    """Raise PlainError where something is left that is not ordinary Markdown."""
    outputs = [output.get("data", {}) for output in cell.get("outputs", [])]
    texts = [data["text/markdown"] for data in outputs if "text/markdown" in data]
    if cell.cell_type == "markdown":
        texts.append(cell.source)
    left = {re.sub("_(open|close)$", "", token.type) for text in texts for token in page.tokens(text)} - ORDINARY
    if left:
        raise PlainError(f"left as it was: {', '.join(sorted(left))}")


def plain_notebook(app: Sphinx, docname: str, commit: str) -> NotebookNode:
    """Write a notebook in ordinary Markdown."""
    page = Page(app, docname)
    notebook = nbformat.read(app.env.doc2path(docname), as_version=4)
    cells, solutions, errors, before = [], [], [], ""
    for kind, cell in parts(page, notebook):
        try:
            if kind == "solution-end":
                continue
            if kind == "code":
                new = plain_code(page, cell)
            else:
                cell.source = page.plain(cell.source)
                new = [cell]
            if kind == "solution-start":
                solutions.append(cell.id)
                cell.metadata |= {"id": cell.id, "jp-MarkdownHeadingCollapsed": True}
            if before == "solution-end" and not (kind == "markdown" and re.match("#{1,4} ", cell.source)):
                raise PlainError("this would be folded with the solution, which ends at the next exercise or heading")
            for each in new:
                check(page, each)
            cells += new
        except PlainError as error:
            errors.append(f"{docname}, cell {cell.id}: {error}")
        finally:
            before = kind
    if errors:
        raise PlainError("\n".join(errors))

    number = ".".join(map(str, app.env.toc_secnumbers.get(docname, {}).get("", ())))
    if number:
        cells[0].source = cells[0].source.replace("# ", f"# {number}. ", 1)
    if number or docname.startswith("chapters/homework/"):
        address = app.config.html_theme_options["repository_url"]
        source = (SETUP if commit else SETUP_BY_HAND).format(address=address, commit=commit)
        if app.config.language != "en":
            source = f'import os\n{source}\nos.environ["NTKLIB_LANGUAGE"] = "{app.config.language}"'
        cells.insert(1, fold(new_code_cell(source, id="setup"), _("Setup: ntklib")))
    else:
        cells.insert(1, new_markdown_cell(f"*{LIST}*", id="list"))
    notebook.cells = cells
    if solutions:
        notebook.metadata["colab"] = {"collapsed_sections": solutions}
    nbformat.validate(notebook)
    return notebook


def write(app: Sphinx, exception: Exception | None) -> None:
    """Write the plain edition of all notebooks, once the site stands."""
    if exception or app.builder.name != "html":
        return
    commit = repository.head(app.srcdir)
    app.env.get_doctree = cache(app.env.get_doctree)  # where each {numref} looks its number up
    notebooks, errors = {}, []
    for docname in sorted(app.env.found_docs):
        if is_notebook(app, docname):
            try:
                notebooks[f"{docname}.ipynb"] = nbformat.writes(plain_notebook(app, docname, commit)) + "\n"
            except PlainError as error:
                errors.append(str(error))
    if errors:
        raise PlainError("\n".join(errors))
    directory = Path(app.outdir).parent / "notebooks"
    shutil.rmtree(directory, ignore_errors=True)
    for root in (directory, Path(app.outdir) / "_sources"):
        for name, text in notebooks.items():
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_text(text, encoding="utf-8")


def setup(app: Sphinx) -> dict:
    """Register with Sphinx."""
    app.connect("build-finished", write)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
