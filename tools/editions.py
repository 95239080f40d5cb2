"""The editions of the book: for each language, where on the site it stands, and the letters on the button to it."""

from pathlib import Path

ROOT = Path(__file__).parents[1]
SOURCE = "en"  # the language that the others are translated from
PATHS = {SOURCE: "", "pt_BR": "pt/"}
LETTERS = {SOURCE: "EN", "pt_BR": "PT"}


def sources(language: str) -> Path:
    """The folder that an edition is built from, with its configuration and its table of contents."""
    return ROOT if language == SOURCE else ROOT / "_build" / language
