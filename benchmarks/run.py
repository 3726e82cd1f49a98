"""The benchmark: python benchmarks/run.py [--quick] [--json] [--peers | --no-peers]

Starts its own server on the loopback interface and measures against it; nothing leaves this machine. Believe the
ratios of one run: on a shared machine a microsecond is what the neighbours leave of it. The official clients take part
where the extra `peers` is installed. The exit code is 1 where a promise of docs/reliability.md was not kept.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

sys.path[0] = str(Path(__file__).parent.parent)

from benchmarks import faces, peers, report, suite


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="What ccstats costs, as ratios.")
    parser.add_argument("--quick", action="store_true", help="fewer rounds, shorter monitors")
    parser.add_argument("--json", action="store_true", help="one JSON object instead of the report")
    parser.add_argument("--peers", action=argparse.BooleanOptionalAction, default=True, help="other clients as well")
    asked = parser.parse_args()
    results = suite.measure(quick=asked.quick, with_peers=asked.peers)
    not_kept = not all(promise.kept for promise in results.promises())
    if asked.json:
        print(json.dumps({**results.ratios(), "machine": report.machine(), "versions": report.versions()}))
        sys.exit(not_kept)
    fetched = faces.check() if asked.peers and peers.installed() else []
    for line in report.text(results, fetched):
        print(line)
    print(f"\n{report.machine()}\n{report.versions()}")
    sys.exit(not_kept)


if __name__ == "__main__":
    main()
