"""Testing what is built on ccstats: adapters against their contract, apps against a scripted vendor.

Needs pytest (`pip install 'ccstats[testing]'`), which nothing else of ccstats does.
"""

import pytest

# Before the modules that assert are imported: a failed promise is to show the values that broke it.
pytest.register_assert_rewrite(
    *(f"ccstats.testing.{name}" for name in ("declaring", "defining", "planning", "reading", "failing", "contract"))
)

from ccstats.testing.contract import AdapterContract
from ccstats.testing.fake import FakeAdapter, FakeOptions, FakeSource, Script
from ccstats.testing.honesty import superfluous, unexplained
from ccstats.testing.recorded import RecordedFace
from ccstats.testing.samples import (
    failed_snapshot,
    quiet_snapshot,
    sample_snapshot,
    sample_target,
    stale_snapshot,
)
from ccstats.testing.stand import Stand, stand
from ccstats.testing.truth import disagreements
from ccstats.testing.vendors import installed_faces, read_through
from ccstats.testing.virtual import VirtualLoop

__all__ = [
    "AdapterContract",
    "FakeAdapter",
    "FakeOptions",
    "FakeSource",
    "RecordedFace",
    "Script",
    "Stand",
    "VirtualLoop",
    "disagreements",
    "failed_snapshot",
    "installed_faces",
    "quiet_snapshot",
    "read_through",
    "sample_snapshot",
    "sample_target",
    "stale_snapshot",
    "stand",
    "superfluous",
    "unexplained",
]
