"""Pack the site into a zip that opens from disk, and link from the welcome page to what can be read offline.

python tools/offline.py _build/html
"""

import re
import sys
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

NAME = "ntklib-book"
ARCHIVE = f"{NAME}.zip"
PDF = f"{NAME}.pdf"
DATE = (1980, 1, 1, 0, 0, 0)  # the same site gives the same zip
PLACE = re.compile(r'<p id="offline".*?</p>', re.DOTALL)
EMPTY = '<p id="offline" hidden></p>'


def pack(site: Path) -> None:
    """Write the zip, of all that the site holds but the zip itself and the PDF."""
    with ZipFile(site / ARCHIVE, "w") as archive:
        for path in sorted(site.rglob("*")):
            name = path.relative_to(site).as_posix()
            if path.is_file() and name not in (ARCHIVE, PDF):
                archive.writestr(ZipInfo(f"{NAME}/{name}", DATE), path.read_bytes(), ZIP_DEFLATED, compresslevel=9)


def link(site: Path, file: str, text: str) -> str:
    """A link from the welcome page, with the size of what it leads to."""
    return f'<a href="../{file}">{text}</a> ({(site / file).stat().st_size / 1e6:.0f} MB)'


def write(site: Path) -> None:
    """Pack the site without the links, which would lead nowhere in the zip; then set them."""
    welcome = site / "chapters" / "welcome.html"
    page, places = PLACE.subn(EMPTY, welcome.read_text(encoding="utf-8"))
    if places != 1:
        raise ValueError(f"{welcome} has {places} places for the links, not one")
    welcome.write_text(page, encoding="utf-8")
    pack(site)
    ways = [link(site, PDF, "as a PDF")] if (site / PDF).is_file() else []
    ways.append(f"{link(site, ARCHIVE, 'this site as a zip')}: unpack it and open <code>index.html</code>")
    welcome.write_text(page.replace(EMPTY, f'<p id="offline">To read offline: {", or ".join(ways)}.</p>'), "utf-8")


if __name__ == "__main__":
    write(Path(sys.argv[1]))
