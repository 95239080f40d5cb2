"""Stands for the package that Google Colab has: a notebook of the book may look for it, and use nothing of it."""
