"""What students get wrong: for each assignment, mistakes made in the master's solution, and what each must cost."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Mistake:
    """A wrong submission: the master with one piece of its solution replaced.

    Attributes:
        name: What the student did, in a few words.
        right: The text in the solution's code, which stands there once.
        wrong: What stands there instead.
        loses: Points lost in each question that loses any.
        says: What the feedback must contain.
    """

    name: str
    right: str
    wrong: str
    loses: dict[str, float]
    says: str
