"""Sphinx extension: what search engines, reference managers and previews of links read on a page.

Each page gets a description of its own and the metadata of a citation. Whatever needs the address of the site exists
only where that is known: sitemap, previews of links, the page for an address that is not there.
"""

import textwrap
from html import escape
from itertools import zip_longest
from urllib.parse import urljoin, urlsplit
from xml.etree import ElementTree

from docutils import nodes
from docutils.utils.math.latex2mathml import tex2mathml
from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.locale import get_translation

_ = get_translation("site")
LENGTH = 200  # what a page of search results shows of a description, about
MARKS = {"msub": ("", "_"), "msup": ("", "^"), "msubsup": ("", "_", "^"), "mfrac": ("", "/"), "msqrt": ("√",)}
ADDRESSED = ("sphinx_sitemap", "sphinxext.opengraph", "notfound.extension")
NOT_FOUND = _("""\
<h1>This page is not here</h1>
<p>The address may be mistyped, or the page may have got another name since the link was made.</p>
<ul>
<li>All chapters are in the list beside this text (on a narrow screen, behind the button at the top left).</li>
<li><a href="{prefix}search.html">Search the book</a> for a word of the title.</li>
<li>Or <a href="{prefix}index.html">begin at the cover</a>, which says what each chapter is about.</li>
</ul>
""")


def configure(app: Sphinx, config: Config) -> None:
    """Name the book beside its logo; load the extensions that need the address of the site, if there is one."""
    config.html_theme_options["logo"] = {"text": config.html_title}
    if not config.html_baseurl:
        return
    for extension in ADDRESSED:
        app.setup_extension(extension)
    config.sitemap_url_scheme = "{link}"
    config.sitemap_excludes = ["404.html", "index.html", "search.html"]
    config.ogp_site_url = config.html_baseurl
    config.ogp_site_name = config.html_title
    config.ogp_type = "article"
    config.ogp_use_first_image = True  # of a chapter, the picture of its idea
    config.ogp_image = "_static/cover.png"
    config.ogp_image_alt = str(_("A curve and its tangent at one point: a network and its linearization."))
    config.notfound_urls_prefix = prefix = urlsplit(config.html_baseurl).path
    config.notfound_context = {"title": str(_("Page not found")), "body": NOT_FOUND.format(prefix=prefix)}


def words(node: nodes.Node) -> str:
    """The text of a node, its formulas in Unicode."""
    match node:
        case nodes.Text():
            return node.astext()
        case nodes.raw():  # a line break
            return " "
        case nodes.math():
            return formula(ElementTree.fromstring(tex2mathml(node.astext())))
    return "".join(map(words, node.children))


def formula(element: ElementTree.Element) -> str:
    """A formula of MathML, written in one line."""
    parts = [formula(child) for child in element]
    marks = MARKS.get(element.tag.rpartition("}")[2])
    if marks:
        parts = [mark + part for mark, part in zip_longest(marks, parts, fillvalue="")]
    return (element.text or "").strip() + "".join(parts)


def description(doctree: nodes.document) -> str:
    """The first paragraph that says something: of a chapter, the first thing that its reader will be able to do."""
    for paragraph in doctree.findall(nodes.paragraph):
        text = " ".join(words(paragraph).split()).rstrip(";")
        if len(text) > 40:
            return textwrap.shorten(text[0].upper() + text[1:], LENGTH, placeholder=" …")
    return ""


def describe(app: Sphinx, pagename: str, templatename: str, context: dict, doctree: nodes.document | None) -> None:
    """Write the description and the citation of a page, for the extension of previews too."""
    if pagename == "404":
        context["pageurl"] = None  # it stands for every address that is not there
    if doctree is None:
        return
    title = words(app.env.titles[pagename])
    about = description(doctree)
    config = app.config
    is_book = pagename == config.root_doc
    tags = {
        "description": about,
        "citation_title": config.html_title if is_book else title,
        "citation_inbook_title": "" if is_book else config.html_title,
        "citation_author": config.author,
        "citation_publication_date": config.copyright,
        "citation_language": config.language.replace("_", "-"),
    }
    if config.html_baseurl:
        tags["citation_public_url"] = urljoin(config.html_baseurl, app.builder.get_target_uri(pagename))
        context["meta"] = {**(context["meta"] or {}), "og:title": title, "og:description": escape(about)}
    context["metatags"] += "".join(
        f'<meta name="{name}" content="{escape(content)}" />\n' for name, content in tags.items() if content
    )


def setup(app: Sphinx) -> dict:
    """Register with Sphinx."""
    app.connect("config-inited", configure, priority=600)  # once `published` has set the address
    app.connect("html-page-context", describe, priority=400)  # before the previews, which read it
    return {"parallel_read_safe": True, "parallel_write_safe": True}
