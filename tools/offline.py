"""Pack the site into a zip that opens from disk, and link from the welcome pages to what can be read offline.

python tools/offline.py _build/html
"""

import re
import sys
from os.path import relpath
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from catalogs import Translator
from editions import PATHS

NAME = "ntklib-book"
ARCHIVE = f"{NAME}.zip"
PDF = f"{NAME}.pdf"
DATE = (1980, 1, 1, 0, 0, 0)  # the same site gives the same zip
PLACE = re.compile(r'<p id="offline".*?</p>', re.DOTALL)
EMPTY = '<p id="offline" hidden></p>'


def pack(site: Path) -> None:
    """Write the zip, of all that the site holds but the zip itself and the PDFs."""
    with ZipFile(site / ARCHIVE, "w") as archive:
        for path in sorted(site.rglob("*")):
            name = path.relative_to(site).as_posix()
            if path.is_file() and path.name not in (ARCHIVE, PDF):
                archive.writestr(ZipInfo(f"{NAME}/{name}", DATE), path.read_bytes(), ZIP_DEFLATED, compresslevel=9)


def links(site: Path, language: str) -> str:
    """From the welcome page of an edition, the links to what can be read offline, each with its size."""
    _ = Translator(language, "site")

    def link(file: Path, text: str) -> str:
        address = relpath(file, site / PATHS[language] / "chapters")
        return f'<a href="{address}">{text}</a> ({file.stat().st_size / 1e6:.0f} MB)'

    pdf = site / PATHS[language] / PDF
    ways = [link(pdf, _("as a PDF"))] if pdf.is_file() else []
    ways.append(f"{link(site / ARCHIVE, _('this site as a zip'))}: {_('unpack it and open <code>index.html</code>')}")
    return f"{_('To read offline:')} {_(', or ').join(ways)}."


def write(site: Path) -> None:
    """Pack the site without the links, which would lead nowhere in the zip; then set them."""
    pages = {}
    for language, path in PATHS.items():
        welcome = site / path / "chapters" / "welcome.html"
        pages[language], places = PLACE.subn(EMPTY, welcome.read_text(encoding="utf-8"))
        if places != 1:
            raise ValueError(f"{welcome} has {places} places for the links, not one")
        welcome.write_text(pages[language], encoding="utf-8")
    pack(site)
    for language, path in PATHS.items():
        page = pages[language].replace(EMPTY, f'<p id="offline">{links(site, language)}</p>')
        (site / path / "chapters" / "welcome.html").write_text(page, encoding="utf-8")


if __name__ == "__main__":
    write(Path(sys.argv[1]))
