"""The honest walks over snapshots that plugins test themselves with, too."""

from ccstats.testing.honesty import (
    Leaf,
    differences,
    leaves,
    merged,
    path,
    superfluous,
    unexplained,
    values,
    within,
)

__all__ = ["Leaf", "differences", "leaves", "merged", "path", "superfluous", "unexplained", "values", "within"]
