"""The editions of the book: for each language, where on the site it stands, and the letters on the button to it."""

PATHS = {"en": "", "pt_BR": "pt/"}
LETTERS = {"en": "EN", "pt_BR": "PT"}
