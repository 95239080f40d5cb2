"""What ntklib prints into notebooks, in the language that the environment variable NTKLIB_LANGUAGE names."""

from __future__ import annotations

import gettext
import os
from pathlib import Path


def _(message: str) -> str:
    """The message in the reader's language; in English where that is not known.

    Errors are always in English, except those by which a test of a homework says what is wrong.
    """
    if not message:
        return message  # gettext would answer with the header of the catalog
    languages = [os.environ.get("NTKLIB_LANGUAGE", "en")]
    return gettext.translation("ntklib", Path(__file__).parent / "locale", languages, fallback=True).gettext(message)
