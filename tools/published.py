"""Sphinx extension: the address of the site and the buttons for Colab, which follow from that of the repository."""

import repository
from editions import PATHS
from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.locale import get_translation

_ = get_translation("site")


def set_site(app: Sphinx, config: Config) -> None:
    """Give the site the address that GitHub Pages serves it at, unless the configuration gives another."""
    url = config.html_theme_options["repository_url"]
    if not repository.is_placeholder(url):
        repository.check(url)
        config.html_baseurl = config.html_baseurl or repository.site(url) + PATHS[config.language]


def add_button(app: Sphinx, pagename: str, templatename: str, context: dict, doctree: object) -> None:
    """Open a chapter or a homework in Colab by one click; the theme's own button is a menu, which takes two."""
    url = app.config.html_theme_options["repository_url"]
    runs_alone = app.env.toc_secnumbers.get(pagename) or pagename.startswith("chapters/homework/")
    if not runs_alone or not app.env.doc2path(pagename).endswith(".ipynb") or repository.is_placeholder(url):
        return
    context["header_buttons"].insert(
        0,
        {
            "type": "link",
            "url": repository.colab(url, PATHS[app.config.language] + pagename),
            "tooltip": _("Open in Colab"),
            "text": "Colab",
            "icon": "fas fa-play me-1",
            "label": "colab-button",
        },
    )


def setup(app: Sphinx) -> dict:
    """Register with Sphinx."""
    app.connect("config-inited", set_site)
    app.connect("html-page-context", add_button, priority=502)  # after the theme's buttons
    return {"parallel_read_safe": True, "parallel_write_safe": True}
