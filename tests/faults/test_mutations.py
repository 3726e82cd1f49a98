"""A promise is only kept where breaking it breaks a test: each of these changes of the code was seen to."""

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TREES = ("ccstats", "adapters", "tests", "docs", "pyproject.toml", "README.md")
pytestmark = pytest.mark.skipif(not (ROOT / "adapters").is_dir(), reason="needs the source tree")


@dataclass(frozen=True)
class Mutation:
    """One change of one line, and the test that must notice it."""

    file: str
    old: str
    new: str
    test: str


MUTATIONS = (
    Mutation(
        "ccstats/budget/budget.py",
        "self._full_at = max(self._full_at, now) + 1.0 / self._pace.rate",
        "self._full_at = now",
        "tests/unit/test_budget_law.py::test_no_window_sees_more_grants_than_the_limit",
    ),
    Mutation(
        "ccstats/http/guard.py",
        "RETRIES = 10.0",
        "RETRIES = 1e9",
        "tests/http/test_retries.py::test_when_everything_fails_repetitions_are_a_tenth_at_most",
    ),
    Mutation(
        "ccstats/http/guard.py",
        "FIRST_PAUSE, LONGEST_PAUSE = 10.0, 60.0",
        "FIRST_PAUSE, LONGEST_PAUSE = 0.0, 0.0",
        "tests/unit/test_guard.py::test_five_failures_shut_it_and_probes_come_ever_more_seldom",
    ),
    Mutation(
        "ccstats/http/guard.py",
        "if isinstance(error, AuthError) and error.renewable:",
        "if False:",
        "tests/http/test_credentials_in_use.py::test_a_wrong_secret_is_tried_once_a_minute_then_ever_more_seldom",
    ),
    Mutation(
        "ccstats/http/client.py",
        "probe=True)",
        "probe=False)",
        "tests/http/test_retries.py::test_during_a_storm_of_429s_nobody_asks_inside_a_pause",
    ),
    Mutation(
        "ccstats/http/client.py",
        "allow_redirects=False",
        "allow_redirects=True",
        "tests/http/test_credentials_in_use.py::test_no_redirect_is_followed",
    ),
    Mutation(
        "ccstats/http/client.py",
        "said, body = blanked(headers, body, sent)",
        "said = headers",
        "tests/http/test_secrets_in_errors.py::test_a_vendor_that_repeats_the_credential_is_quoted_without_it",
    ),
    Mutation(
        "ccstats/http/session.py",
        "trust_env=False",
        "trust_env=True",
        "tests/http/test_network_settings.py::test_no_proxy_is_taken_from_the_environment",
    ),
    Mutation(
        "ccstats/http/session.py",
        "if size > limit:",
        "if False:",
        "tests/http/test_broken_answers.py::test_a_bomb_is_measured_unpacked_and_costs_little_memory",
    ),
    Mutation(
        "ccstats/config/address.py",
        "return not ip_address(host).is_loopback",
        "return False",
        "tests/unit/test_config_address.py::test_plain_http_to_another_machine_is_refused_unless_told_by_name",
    ),
    Mutation(
        "ccstats/clock.py",
        "FURTHEST = timedelta(days=1)",
        "FURTHEST = timedelta(days=10000)",
        "tests/unit/test_clock.py::test_a_header_more_than_a_day_off_moves_nothing",
    ),
    Mutation(
        "ccstats/auth/oauth.py",
        "if self._flight is None or self._flight.done():",
        "if True:",
        "tests/unit/test_oauth.py::test_a_thousand_who_come_at_once_share_one_fetch",
    ),
    Mutation(
        "ccstats/monitor/roster.py",
        "return known is None or known.job != job",
        "return True",
        "tests/monitor/test_reload.py::test_a_source_that_stays_the_same_is_not_touched",
    ),
    Mutation(
        "ccstats/monitor/health.py",
        "if self.error is None or now >= self._remind_at:",
        "if True:",
        "tests/monitor/test_health.py::test_1000_failing_targets_are_one_line",
    ),
    Mutation(
        "ccstats/monitor/table.py",
        "if known is not None and before is not None and prefix in row.good and _failed(reading):",
        "if False:",
        "tests/monitor/test_staleness.py::test_three_missed_periods_make_it_stale",
    ),
    Mutation(
        "ccstats/budget/inheritance.py",
        "budget.owe(full_at, paused_until)",
        "return",
        "tests/fleet/test_worker.py::test_no_window_is_over_the_limit_across_kills_and_returns",
    ),
    Mutation(
        "ccstats/fleet/lease.py",
        "if not self.valid:",
        "if False:",
        "tests/fleet/test_worker.py::test_a_worker_that_hears_nothing_stops_before_another_begins",
    ),
    Mutation(
        "ccstats/fleet/worker.py",
        "if state.at - state.since < self._lease or now < self._settled_at:",
        "if False:",
        "tests/fleet/test_worker.py::test_polling_goes_on_while_the_coordinator_is_away_and_the_table_is_whole_after",
    ),
    Mutation(
        "ccstats/coordination/local.py",
        "if known is not None and known.fence > fence:",
        "if False:",
        "tests/fleet/test_worker.py::test_an_older_grant_writes_nothing",
    ),
    Mutation(
        "ccstats/monitor/runner.py",
        "if self.late:",
        "if False:",
        "tests/fleet/test_worker.py::test_what_is_overdue_is_read_at_once_and_not_at_its_next_slot",
    ),
)


def _run(tree: Path, *tests: str) -> subprocess.CompletedProcess[str]:
    path = os.pathsep.join([str(tree), str(tree / "adapters")])
    command = [sys.executable, "-P", "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", *tests]
    return subprocess.run(
        command, cwd=tree, env={**os.environ, "PYTHONPATH": path}, capture_output=True, text=True, timeout=100
    )


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the project, to be broken."""
    copy = tmp_path_factory.mktemp("tree")
    for name in TREES:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, copy / name, ignore=shutil.ignore_patterns("__pycache__", "*.egg-info"))
        else:
            shutil.copy(source, copy / name)
    return copy


def test_unbroken_they_all_pass(tree: Path) -> None:
    ran = _run(tree, *dict.fromkeys(mutation.test for mutation in MUTATIONS))
    assert ran.returncode == 0, ran.stdout[-2000:]


@pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda one: f"{one.file}: {one.new}")
def test_a_broken_promise_breaks_its_test(tree: Path, mutation: Mutation) -> None:
    file = tree / mutation.file
    whole = file.read_text(encoding="utf-8")
    assert whole.count(mutation.old) == 1
    file.write_text(whole.replace(mutation.old, mutation.new), encoding="utf-8")
    try:
        ran = _run(tree, mutation.test)
    finally:
        file.write_text(whole, encoding="utf-8")
    assert ran.returncode == 1, ran.stdout[-2000:]


def test_every_mutation_is_told_in_the_page_of_promises() -> None:
    page = (ROOT / "docs" / "reliability.md").read_text(encoding="utf-8")
    for mutation in MUTATIONS:
        assert mutation.test in page
        assert f"`{mutation.old}`" in page
        assert f"`{mutation.new}`" in page
