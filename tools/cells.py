"""Sphinx extension: the code cells of a chapter are places that links lead to, `{ref}` with `cell-CHAPTER-NUMBER`."""

from posixpath import basename

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.transforms import SphinxTransform


class NumberedCells(SphinxTransform):
    """Give each cell that has been run the name of its chapter and the number in brackets beside it."""

    default_priority = 840  # Sphinx then collects what can be referred to

    def apply(self, **options: object) -> None:
        """Name the cells of a document."""
        for cell in self.document.findall(nodes.container):
            if cell.get("nb_element") == "cell_code" and cell["exec_count"]:
                cell["names"].append(f"cell-{basename(self.env.docname)}-{cell['exec_count']}")
                self.document.note_explicit_target(cell)


def setup(app: Sphinx) -> dict:
    """Register with Sphinx."""
    app.add_transform(NumberedCells)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
