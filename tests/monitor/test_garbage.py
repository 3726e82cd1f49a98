"""The garbage collector's setting is the process's own, and comes back."""

import gc

import pytest

from ccstats.monitor import few_full_collections


def test_full_collections_are_seldom_inside_and_as_before_outside() -> None:
    before = gc.get_threshold()

    with pytest.raises(ZeroDivisionError), few_full_collections():
        inside = gc.get_threshold()
        raise ZeroDivisionError

    assert inside[:2] == before[:2]
    assert inside[2] == 100 * before[2]
    assert gc.get_threshold() == before
