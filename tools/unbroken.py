"""Sphinx extension: a formula in a line stays beside what touches it, such as the full stop after it.

To a browser a formula is a box, before and after which a line may end.
"""

import re

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.transforms.post_transforms import SphinxPostTransform


class Unbroken(SphinxPostTransform):
    """Put formulas and the characters around them, up to the next spaces, into one element."""

    default_priority = 900  # once references are text
    formats = ("html",)

    def run(self, **options: object) -> None:
        """Change a document."""
        for math in list(self.document.findall(nodes.math)):
            parent, place = math.parent, math.parent.index(math)
            before, after = parent[place - 1] if place else None, parent[place + 1] if place + 1 < len(parent) else None
            start = re.search(r"\S*$", before)[0] if isinstance(before, nodes.Text) else ""
            end = re.match(r"\S*", after)[0] if isinstance(after, nodes.Text) else ""
            if start:
                parent[place - 1] = nodes.Text(before[: len(before) - len(start)])
            if end:
                parent[place + 1] = nodes.Text(after[len(end) :])
            if start or end:
                whole = nodes.inline("", "", nodes.Text(start), math.deepcopy(), nodes.Text(end), classes=["unbroken"])
                parent.replace(math, whole)


def setup(app: Sphinx) -> dict:
    """Register with Sphinx."""
    app.add_post_transform(Unbroken)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
