"""`python -m ccstats` is the command line."""

from ccstats.cli import main

main()
