"""The catalogs of a translation, and what is wrong with them: python tools/catalogs.py [--update].

A catalog is a gettext file, locale/LANGUAGE/LC_MESSAGES/PAGE.po, with the messages of a page; strings of code have the
context "code". `--update` brings all catalogs in step with the book: what is new is empty, and what has changed keeps
its old translation, marked as fuzzy. Both list what there is to translate and what is translated wrongly, and fail if
there is something.
"""

import ast
import csv
import io
import re
import sys
from collections import Counter
from functools import cache
from pathlib import Path

import messages
import nbformat
import yaml
from babel.messages.catalog import Catalog, Message
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from editions import PATHS, ROOT, SOURCE

LOCALE = ROOT / "locale"
LANGUAGES = [language for language in PATHS if language != SOURCE]
HEADER = "# The licence of the text is that of the book."
BOOK = "book"  # the catalog of the title, the author and the table of contents
BENCHMARKS = "benchmarks/results/table"  # which a chapter includes
PROGRAMS = {"site": "tools", "ntklib": "ntklib"}  # catalogs of what programs show, and where these are
EXTENSIONS = ("exercise", "proof", "sphinx")  # catalogs with better words than those of Sphinx and its extensions


def pages() -> list[str]:
    """The pages of the book, and the table that one of them includes."""
    toc = yaml.safe_load((ROOT / "_toc.yml").read_text(encoding="utf-8"))
    listed = [chapter["file"] for part in toc["parts"] for chapter in part["chapters"]]
    return [toc["root"], *listed, BENCHMARKS]


def all_pages() -> list[str]:
    """What has a catalog: the pages, the table of contents, and the programs."""
    return [BOOK, *PROGRAMS, *EXTENSIONS, *pages()]


def source(page: str) -> Path:
    """The file of a page."""
    notebook = ROOT / f"{page}.ipynb"
    return notebook if notebook.exists() else ROOT / f"{page}.md"


def extracted(page: str) -> list[tuple[str | None, str]]:
    """The messages of a page in order, each with its context."""
    found: dict[tuple[str | None, str], None] = {}

    def note(context: str | None) -> messages.Translate:
        return lambda message: (found.setdefault((context, message)), message)[1]

    if page == BOOK:
        config, toc = (
            yaml.safe_load((ROOT / f"_{name}.yml").read_text(encoding="utf-8")) for name in ("config", "toc")
        )
        for message in (config["title"], config["author"], *(part["caption"] for part in toc["parts"])):
            note(None)(message)
    elif page in PROGRAMS:
        for file in sorted((ROOT / PROGRAMS[page]).glob("*.py")):
            for call in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
                if isinstance(call, ast.Call) and getattr(call.func, "id", "") == "_" and is_text(call.args[0]):
                    note(None)(call.args[0].value)
        for file in sorted((ROOT / PROGRAMS[page]).glob("assignments/*/*.py")):
            for sentence in sentences(ast.parse(file.read_text(encoding="utf-8"))):
                note(None)(sentence)
    elif page in EXTENSIONS:
        return [(None, str(message.id)) for language in LANGUAGES for message in catalog(language, page) if message.id]
    elif source(page).suffix == ".ipynb":
        messages.notebook(nbformat.read(source(page), as_version=4), note(None), note("code"))
    else:
        messages.markdown(source(page).read_text(encoding="utf-8"), note(None))
    return list(found)


def is_text(node: ast.AST) -> bool:
    """Whether a piece of code is a text, with nothing to fill in."""
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def sentences(test: ast.AST) -> list[str]:
    """What a test of a homework says, as ntklib.homework looks it up: its texts of more than a word.

    Of a text with something filled in, a sentence behind a name.
    """
    filled = [text.values for text in ast.walk(test) if isinstance(text, ast.JoinedStr)]
    parts = {id(part) for values in filled for part in values}
    texts = [node.value for node in ast.walk(test) if is_text(node) and id(node) not in parts and " " in node.value]
    behind = [values[1].value for values in filled if len(values) == 2 and is_text(values[1])]
    return texts + [text.removeprefix(": ") for text in behind if text.startswith(": ")]


def path(language: str, page: str) -> Path:
    """The file of a catalog."""
    return LOCALE / language / "LC_MESSAGES" / f"{page}.po"


@cache
def catalog(language: str, page: str) -> Catalog:
    """The catalog of a page."""
    with path(language, page).open("rb") as file:
        return read_po(file, locale=language)


def update(language: str, page: str) -> None:
    """Bring the catalog of a page in step with the page."""
    file = path(language, page)
    template = Catalog(header_comment=HEADER)
    for context, message in extracted(page):
        template.add(message, context=context)
    if file.exists():
        old = catalog(language, page)
        template.creation_date = old.creation_date
        old.update(template)
    else:
        old = template
        old.locale, old.fuzzy = language, False
    file.parent.mkdir(parents=True, exist_ok=True)
    old.project, old.version, old.revision_date = "ntklib", "", old.creation_date
    old.last_translator = old.language_team = old.msgid_bugs_address = ""
    for entry in old:
        entry.flags -= {"python-format", "python-brace-format"}  # guessed; braces are roles and formulas
    with file.open("wb") as out:
        # an earlier source would be read back as a translator's comment, which admits any word
        write_po(out, old, width=0, ignore_obsolete=True)
    catalog.cache_clear()


def compiled(language: str, page: str) -> bytes:
    """A catalog as gettext reads it."""
    out = io.BytesIO()
    write_mo(out, catalog(language, page))
    return out.getvalue()


def mo(language: str) -> Path:
    """The compiled catalog that ships with ntklib."""
    return ROOT / "ntklib" / "locale" / language / "LC_MESSAGES" / "ntklib.mo"


class Translator:
    """The translations of a page, which collects the messages that have none that is known to be right."""

    def __init__(self, language: str, page: str):
        self.catalog = catalog(language, page) if language != SOURCE else None
        self.missing = set[str]()

    def __call__(self, message: str, context: str | None = None) -> str:
        """The translation of a message, or the message itself."""
        if self.catalog is None:
            return message
        entry = self.catalog.get(message, context)
        if entry is None or entry.fuzzy or not entry.string:
            self.missing.add(message)
            return message
        return str(entry.string)

    def code(self, message: str) -> str:
        """The translation of a string of code."""
        return self(message, "code")


def shared(text: str) -> Counter[str]:
    """The mathematics, roles, code and links of a message: what its translation has to have too, in any order."""
    parts = Counter()
    for role in messages.ROLE.finditer(text):
        target = re.sub(r"(?s).*<(.*)>", r"\1", role[2])
        if role[1] != "term":
            parts[f"{{{role[1]}}}`{target}`"] += 1
    parts["{term}"] = sum(role[1] == "term" for role in messages.ROLE.finditer(text))
    text = messages.ROLE.sub("", text)
    parts.update(code[0] for code in messages.CODE.finditer(text))
    text = messages.CODE.sub("", text)
    # words in formulas are translated, and with them the formulas inside of \text{}
    parts.update(re.sub(r"\s+", " ", messages.TEXT.sub(r"\\text{}", math[0])) for math in messages.MATH.finditer(text))
    text = messages.MATH.sub("", text)
    parts.update(link[0] for link in re.finditer(r"\]\([^()]*\)", text))
    for mark in ("**", "\\\n"):
        parts[mark] = text.count(mark)
    return +parts


def placeholders(text: str) -> Counter[str]:
    """What a string of code fills in, its formulas and its control characters."""
    text = re.sub(r":\d+s\}", "}", text)  # the width of a column follows from the words in it
    return Counter(re.findall(r"(?<!\{)\{[^{}]+\}(?!\})|\$[^$]+\$|\\[a-z]|\n\s*$", text))


@cache
def terms(language: str) -> list[tuple[re.Pattern[str], re.Pattern[str], str]]:
    """The terms of the book: how one looks in English, how in the translation, and the words for it."""
    with (LOCALE / language / "terms.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    found = []
    for line in rows:
        english = re.compile(rf"\b{re.escape(line['english'])}(?:e?s)?\b".replace(r"\ ", r"[\s-]"), re.IGNORECASE)
        forms = "|".join(r"\W+".join(map(stem, form.split())) for form in line["translation"].split("|"))
        translation = re.compile(rf"\b(?:{forms})", re.IGNORECASE)
        found.append((english, translation, f"{line['english']}: {line['translation']}"))
    return found


def stem(word: str) -> str:
    """A word in any of its forms, which differ at its end."""
    return re.escape(word[: max(3, len(word) - 2)]) + r"\w*" if len(word) > 3 else re.escape(word)


def wrong(language: str, message: Message) -> list[str]:
    """What is wrong with the translation of a message."""
    source, target = str(message.id), str(message.string)
    if not target:
        return ["not translated"]
    if message.fuzzy:
        return ["fuzzy: the source has changed"]
    if message.context == "code":
        before, after = placeholders(source), placeholders(target)
    else:
        before, after = shared(source), shared(target)
    faults = []
    if before != after:
        faults.append(f"lacks {list((before - after).elements())}, has {list((after - before).elements())} instead")
    if message.context != "code" and not message.user_comments:
        left, right = messages.words(source), messages.words(target)
        for english, translation, term in terms(language):
            if english.search(left) and not translation.search(right):
                faults.append(f"a term is translated otherwise, without a note: {term}")
            left = english.sub("", left)  # so that a longer term hides the shorter ones in it
    return faults


def problems(language: str) -> list[str]:
    """What there is to translate, and what is translated wrongly."""
    found = []
    for page in all_pages():
        file = path(language, page)
        if not file.exists():
            found.append(f"{file.relative_to(ROOT)}: there is no catalog")
            continue
        entries = catalog(language, page)
        for context, message in extracted(page):
            entry = entries.get(message, context)
            faults = ["not in the catalog"] if entry is None else wrong(language, entry)
            found += [f"{file.relative_to(ROOT)}: {message[:60]!r}: {fault}" for fault in faults]
    return found


if __name__ == "__main__":
    if "--update" in sys.argv[1:]:
        for language in LANGUAGES:
            for page in all_pages():
                update(language, page)
            mo(language).parent.mkdir(parents=True, exist_ok=True)
            mo(language).write_bytes(compiled(language, "ntklib"))
    found = [problem for language in LANGUAGES for problem in problems(language)]
    print("\n".join(found))
    print(f"{len(found)} problems" if found else "Everything is translated.")
    sys.exit(bool(found))
