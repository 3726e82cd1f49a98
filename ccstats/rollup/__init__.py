"""Several targets as one: `roll_up` over any set of snapshots, `groups` as they are configured."""

from ccstats.rollup.groups import as_group, groups
from ccstats.rollup.rollup import APART, RollUp, roll_up

__all__ = ["APART", "RollUp", "as_group", "groups", "roll_up"]
