"""The messages of a text, a notebook or a table of contents: what is translated, one paragraph or string at a time.

Each function takes what it goes through and a function from messages to messages, and puts the messages that come out
in the place of those that went in. So the same walk collects the messages of the book and applies its catalogs.
"""

import ast
import re
import textwrap
from collections.abc import Callable, Iterator
from functools import cache
from itertools import accumulate

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from myst_parser.config.main import MdParserConfig
from myst_parser.parsers.mdit import create_md_parser
from nbformat import NotebookNode

Translate = Callable[[str], str]

DIRECTIVE = re.compile(r"\{([\w:-]+)\}\s*(.*)")
# directives with a title that is shown, and those whose content is not Markdown
TITLED = ("admonition", "dropdown", "exercise", "grid-item-card", "prf")
RAW = ("bibliography", "eval-rst")
ROLE = re.compile(r"\{([\w:+.-]+)\}`([^`]+)`")
CODE = re.compile(r"(`+)(?!`).+?(?<!`)\1(?!`)")
MATH = re.compile(r"(?<![\\$])\$(?!\$)(?:[^$\\]|\\.)+\$", re.DOTALL)
WORD = re.compile(r"[^\W\d_]{2}")
# words inside of a formula; a $ in them begins a formula of their own
TEXT = re.compile(r"(\\text\{)([^{}]+)(\})")
# one literal of Python, as it is written; it may stand next to others, which it is joined to
LITERAL = re.compile(r"""([rRfF]{0,2})(\"{3}|'{3}|"|')((?:\\.|(?!\2).)*)\2""", re.DOTALL)
LABEL = re.compile(r"[a-z]+(-\w+)+|\S*(?:_|->|\.ipynb)\S*|utf-8|[a-z]\w?")
WIDTH = 100  # of a line of a literal that is written over several lines


@cache
def parser() -> MarkdownIt:
    """MyST as the book is written in."""
    extensions = {"amsmath", "attrs_inline", "colon_fence", "deflist", "dollarmath"}
    return create_md_parser(MdParserConfig(enable_extensions=extensions), RendererHTML)


def words(text: str) -> str:
    """The words of a message, without formulas, code and the targets of references."""
    text = ROLE.sub(lambda role: role[2].partition(" <")[0] if role[1] == "term" or " <" in role[2] else "", text)
    return MATH.sub("", CODE.sub("", text))


def says(text: str) -> bool:
    """Whether a message has something to translate: words, in formulas too."""
    return bool(WORD.search(words(text)) or any(WORD.search(match[2]) for match in TEXT.finditer(text)))


def markdown(text: str, translate: Translate) -> str:
    """Translate a text of MyST."""
    lines, new, done = text.split("\n"), [], 0
    for token in blocks(text):
        start, end = token.map
        if token.type == "inline":
            end = start + token.content.count("\n") + 1  # the token's own end may lie behind blank lines
        new += lines[done:start] + block(token, lines[start:end], translate)
        done = end
    return "\n".join(new + lines[done:])


def block(token: Token, lines: list[str], translate: Translate) -> list[str]:
    """Translate the lines of a table, a formula, a paragraph or a directive."""
    match token.type:
        case "table_open":
            return [line if i == 1 else row(line, translate) for i, line in enumerate(lines)]
        case "math_block" | "math_block_label" | "amsmath":
            return formula("\n".join(lines), translate).split("\n")
        case "inline":
            prefix = lines[0][: lines[0].index(token.content.split("\n")[0])]
            message = re.sub(r"(?<!\\)\n", " ", token.content)
            indent = "\n" + re.sub(r"[^\s>]", " ", prefix)
            return (prefix + said(message, translate).replace("\n", indent)).split("\n")
    prefix = re.match(r"[\s>]*", lines[0])[0]
    head = DIRECTIVE.sub(lambda match: title(*match.groups(), translate), lines[0], count=1)
    return [head, *((prefix + line).rstrip() for line in content(token, translate)), *lines[1:][-1:]]


def blocks(text: str) -> Iterator[Token]:
    """The tables, formulas, paragraphs and directives of a text, each with its lines, but not what a table holds."""
    in_table = 0
    for token in parser().parse(text):
        in_table += (token.type == "table_open") - (token.type == "table_close")
        directive = token.type in ("fence", "colon_fence") and DIRECTIVE.match(token.info)
        math = token.type in ("math_block", "math_block_label", "amsmath")
        if token.type == "table_open" or math or directive or (token.type == "inline" and not in_table):
            yield token


def said(message: str, translate: Translate) -> str:
    """Translate a message, if it says anything."""
    return translate(message) if says(message) else message


def row(line: str, translate: Translate) -> str:
    """Translate the cells of a row of a table."""
    cells = re.split(r"(?<!\\)\|", line)
    return "|".join(re.sub(r"\S(.*\S)?", lambda cell: said(cell[0], translate), cell, count=1) for cell in cells)


def formula(text: str, translate: Translate) -> str:
    r"""Translate what stands in the \text{} of a formula."""

    def words(match: re.Match) -> str:
        before, message, after = re.fullmatch(r"(\s*)(.*?)(\s*)", match[2], re.DOTALL).groups()
        return f"{match[1]}{before}{said(message, translate)}{after}{match[3]}"

    return TEXT.sub(words, text)


def title(name: str, argument: str, translate: Translate) -> str:
    """Translate the first line of a directive."""
    shown = argument and name.split(":")[0] in TITLED
    return f"{{{name}}} {said(argument, translate) if shown else argument}".rstrip()


def content(token: Token, translate: Translate) -> list[str]:
    """Translate what a directive holds."""
    name = DIRECTIVE.match(token.info)[1]
    lines = token.content.split("\n")[:-1]
    if name in RAW:
        return lines
    if name == "glossary":
        return [re.sub(r"^(\s*)([^\s:].*)", lambda line: line[1] + said(line[2], translate), line) for line in lines]
    options = next((i for i, line in enumerate(lines) if not re.match(r":[\w-]+:", line)), len(lines))
    head = [re.sub(r"(?<=^:alt: ).*", lambda alt: said(alt[0], translate), line) for line in lines[:options]]
    return [*head, *(markdown("\n".join(lines[options:]), translate).split("\n") if lines[options:] else [])]


def code(source: str, translate: Translate) -> str:
    """Translate the strings of a code cell that are not labels; docstrings and comments stay."""
    tree = ast.parse(source)
    documented = (ast.Module, ast.FunctionDef, ast.ClassDef)
    blocks = [node for node in ast.walk(tree) if isinstance(node, documented)]
    docstrings = {id(node.body[0].value) for node in blocks if ast.get_docstring(node)}
    literals = [node for node in ast.walk(tree) if isinstance(node, ast.JoinedStr)]
    inner = {id(part) for node in literals for part in ast.walk(node) if part is not node}
    strings = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.JoinedStr) or (isinstance(node, ast.Constant) and isinstance(node.value, str))
        if id(node) not in docstrings | inner
    ]
    packed, new, done = source.encode(), b"", 0  # Python counts columns in bytes
    lines = [0, *accumulate(map(len, packed.splitlines(keepends=True)))]
    for node in sorted(strings, key=lambda node: (node.lineno, node.col_offset)):
        start, end = lines[node.lineno - 1] + node.col_offset, lines[node.end_lineno - 1] + node.end_col_offset
        written = packed[start:end].decode()
        new += packed[done:start] + literal(written, node.col_offset, translate).encode()
        done = end
    return (new + packed[done:]).decode()


def literal(written: str, indent: int, translate: Translate) -> str:
    """Translate a literal of Python, or several that are joined; the message is what is written between the quotes."""
    parts = list(LITERAL.finditer(written))
    message = "".join(part[3] for part in parts)
    if LABEL.fullmatch(message) or not says(re.sub(r"(?<!\{)\{[^{}]*\}", "", message)):
        return written
    new = translate(message)
    if new == message:
        return written
    kind, quote = max((part[1] for part in parts), key=len), parts[0][2]
    if len(parts) == 1:
        return f"{kind}{quote}{new}{quote}"
    whole = re.sub(r"\{[^{}]*\}", lambda value: value[0].replace(" ", "\0"), new)  # nothing breaks inside of a value
    pieces = textwrap.wrap(whole, WIDTH - indent, drop_whitespace=False, break_long_words=False, break_on_hyphens=False)
    return ("\n" + " " * indent).join(f"{kind}{quote}{piece}{quote}" for piece in pieces).replace("\0", " ")


def notebook(node: NotebookNode, translate: Translate, translate_code: Translate) -> None:
    """Translate the cells of a notebook, the captions and the alternative texts of its figures."""
    for cell in node.cells:
        if cell.cell_type == "markdown":
            cell.source = markdown(cell.source, translate)
            continue
        cell.source = code(cell.source, translate_code)
        for kind, key in (("figure", "caption"), ("image", "alt")):
            said_of = cell.metadata.get("mystnb", {}).get(kind, {})
            if key in said_of:
                said_of[key] = said(said_of[key], translate)
