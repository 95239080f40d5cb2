"""Sphinx extension: the words that templates, scripts and other extensions show, and the way to the other language.

Each page leads to the same page in the other editions, by a button for the reader and by `hreflang` for search engines.
"""

import json
from dataclasses import dataclass, field
from html import escape
from pathlib import Path
from urllib.parse import urljoin

from babel import Locale
from docutils import nodes
from editions import LETTERS, PATHS
from myst_nb.sphinx_ import HideCodeCellNode, depart_HideCellInput, visit_HideCellInput
from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.locale import get_translation
from sphinx.util.docutils import SphinxTranslator
from sphinx_proof.nodes import proof_node
from sphinxcontrib.bibtex.plugin import register_plugin
from sphinxcontrib.bibtex.style.referencing import PersonStyle
from sphinxcontrib.bibtex.style.referencing.author_year import AuthorYearReferenceStyle

_ = get_translation("site")


@dataclass
class Cited(AuthorYearReferenceStyle):
    """Citations by author and year, with the "and" of this language."""

    person: PersonStyle = field(
        default_factory=lambda: PersonStyle(sep2=str(_(" and ")), last_sep=str(_(", and ")))  # once it is known
    )


def other_pages(app: Sphinx, pagename: str) -> dict[str, str]:
    """Where the same page stands in each language, as a link from this page."""
    uri = app.builder.get_target_uri(pagename)
    up = "../" * (PATHS[app.config.language] + uri).count("/")
    return {language: up + path + uri for language, path in PATHS.items()}


def configure(app: Sphinx, config: Config) -> None:
    """Put the way to the other languages before the buttons of the theme, and its words into the field for a search."""
    config.html_theme_options["article_header_end"] = "language-switch.html, article-header-buttons.html"
    config.html_theme_options["search_bar_text"] = str(_("Search this book..."))
    register_plugin("sphinxcontrib.bibtex.style.referencing", "cited", Cited)
    config.bibtex_reference_style = "cited"


def lead(app: Sphinx, pagename: str, templatename: str, context: dict, doctree: object) -> None:
    """Put the links to the other languages on a page."""
    if pagename == "404":  # it stands for every address that is not there
        return
    base = app.config.html_baseurl.removesuffix(PATHS[app.config.language])
    for language, link in other_pages(app, pagename).items():
        address = urljoin(base, PATHS[language] + app.builder.get_target_uri(pagename)) if base else link
        tag = f'<link rel="alternate" hreflang="{html(language)}" href="{escape(address)}" />\n'
        context["metatags"] = context.get("metatags", "") + tag
    context["editions"] = [
        {"link": link, "locale": html(language), "letters": LETTERS[language], "name": name(language)}
        for language, link in other_pages(app, pagename).items()
        if language != app.config.language
    ]


def html(language: str) -> str:
    """The name of a language in HTML."""
    return language.replace("_", "-")


def name(language: str) -> str:
    """The name of a language in itself."""
    return Locale.parse(language).get_language_name().capitalize()


def write_words(app: Sphinx) -> None:
    """Give the scripts their words."""
    words = {"Show rows with": _("Show rows with"), "{shown} of {all}": _("{shown} of {all}")}
    if app.config.language != "en":
        catalog = {"messages": {name: str(word) for name, word in words.items()}, "locale": app.config.language}
        script = f"Documentation.addTranslations({json.dumps(catalog, ensure_ascii=False)});"
        app.add_js_file(None, body=script, priority=950)


def translate_proofs(app: Sphinx, doctree: nodes.document) -> None:
    """Begin each proof with the word of this language: the extension writes an English one before the text."""
    for proof in doctree.findall(proof_node):
        text = next(proof.findall(nodes.Text))
        text.parent.replace(text, nodes.Text(text.replace("Proof.", f"{_('Proof')}.", 1)))


def visit_folded_code(self: SphinxTranslator, node: HideCodeCellNode) -> None:
    """Name the handle of folded code in this language: the extension writes an English name."""
    start, name = len(self.body), "Toggle hidden content"
    visit_HideCellInput(self, node)
    self.body[start:] = [part.replace(name, _("Toggle hidden content")) for part in self.body[start:]]


def translate_scripts(app: Sphinx, error: Exception | None) -> None:
    """Put words of this language into the scripts of extensions that know few languages, or none."""
    words = {
        "copybutton.js": {
            "'Copy'": f"'{_('Copy')}'",
            "'Copy to clipboard'": f"'{_('Copy to clipboard')}'",
            "'Copied!'": f"'{_('Copied!')}'",
            "'Failed to copy'": f"'{_('Failed to copy')}'",
        },
        "togglebutton.js": {'"Toggle hidden content"': f'"{_("Toggle hidden content")}"'},
    }
    for name, translations in words.items():
        script = Path(app.outdir, "_static", name)
        if error or not script.exists():
            continue
        text = script.read_text(encoding="utf-8")
        for word, translation in translations.items():
            text = text.replace(word, translation)
        script.write_text(text, encoding="utf-8")


def setup(app: Sphinx) -> dict:
    """Register with Sphinx; before the extensions whose words this edition has better ones for."""
    for catalog in ("site", "proof", "exercise"):
        app.add_message_catalog(catalog, str(Path(app.srcdir, "locale")))
    app.add_node(HideCodeCellNode, override=True, html=(visit_folded_code, depart_HideCellInput))
    app.connect("config-inited", configure)
    app.connect("builder-inited", write_words)
    app.connect("doctree-read", translate_proofs)
    app.connect("html-page-context", lead, priority=450)  # before the theme drops templates that show nothing
    app.connect("build-finished", translate_scripts)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
