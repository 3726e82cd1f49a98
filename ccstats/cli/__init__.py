"""The command line. It needs the extra `cli`; without it, `ccstats` says how to get it."""

from __future__ import annotations

import sys

EXTRA = frozenset({"click", "rich"})


def main() -> None:
    """Run the command line and leave with its exit code."""
    try:
        from ccstats.cli.app import run

        code = run(sys.argv[1:])
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in EXTRA:
            raise
        print("the command line needs two more packages: pip install 'ccstats[cli]'", file=sys.stderr)  # noqa: T201 - click is what is missing
        sys.exit(2)
    sys.exit(code)
