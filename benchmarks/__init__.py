"""What ccstats costs, against the least it could cost and against the vendors' own clients."""
