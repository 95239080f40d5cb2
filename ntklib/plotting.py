"""The course's figure style."""

from __future__ import annotations

import matplotlib.pyplot as plt
from matplotlib_inline.backend_inline import set_matplotlib_formats

__all__ = ["use_style"]


def use_style() -> None:
    """Draw every figure from here on in the course's style, at twice the resolution in a notebook.

    The style is ``ntklib/course.mplstyle``; its colours are those of Okabe & Ito, which colour-blind readers
    tell apart.

    Example:
        >>> use_style()
        >>> plt.rcParams["axes.grid"]
        True
    """
    plt.style.use("ntklib.course")
    set_matplotlib_formats("retina")
