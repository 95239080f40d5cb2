"""Sphinx extension: pages that are light to load, and whose parts keep their places while they do."""

from pathlib import Path

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.images import get_image_size
from sphinx.writers.html5 import HTML5Translator

# what no page asks for: templates, source maps, the icons as a script, the other bundles of MathJax
UNUSED = (
    *("*webpack-macros.html", "**/*.map", "scripts/fontawesome.js*"),
    *("mathjax/mml-*.js", "mathjax/node-main.js", "mathjax/tex-*-*.js", "mathjax/tex-svg.js"),
)


def visit_image(self: HTML5Translator, node: nodes.image) -> None:
    """Load a picture when the reader comes near, and keep its place until then."""
    size = get_image_size(str(Path(self.builder.srcdir, node["uri"])))
    node["loading"] = "lazy"
    HTML5Translator.visit_image(self, node)
    if size:
        width, height = size
        self.body[-1] = self.body[-1].replace("<img ", f'<img width="{width}" height="{height}" ', 1)


def depart_image(self: HTML5Translator, node: nodes.image) -> None:
    """Nothing is open."""


def remove_unused(app: Sphinx, error: Exception | None) -> None:
    """Leave out of the site what no page asks for."""
    for pattern in UNUSED:
        for path in Path(app.outdir, "_static").glob(pattern):
            path.unlink()


def setup(app: Sphinx) -> dict:
    """Register with Sphinx."""
    app.add_node(nodes.image, override=True, html=(visit_image, depart_image))
    app.connect("build-finished", remove_unused, priority=900)  # once MathJax has been copied
    return {"parallel_read_safe": True, "parallel_write_safe": True}
