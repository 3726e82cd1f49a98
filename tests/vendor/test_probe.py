"""Probes settle what the documents leave open: few requests, and verdicts that follow what the account does."""

import json
from contextlib import suppress

import pytest
from vendor_loopback import Account, account, served

from ccstats.adapter import Finding, Probing, Verdict
from ccstats.errors import RequestRefusedError
from ccstats.simulator.center import generate_spec
from ccstats.simulator.truth import queue_now
from ccstats_genesys.face import queue_id

CONFIRMED, CONTRADICTED, UNDECIDED = Verdict.CONFIRMED, Verdict.CONTRADICTED, Verdict.UNDECIDED
CALM = generate_spec(7, queues=20, agents=120)
EMPTY = generate_spec(5, queues=0, agents=3)
BULK = "TaskQueues/RealTimeStatistics"


def verdict(findings: list[Finding], part: str) -> Verdict:
    (finding,) = (one for one in findings if part in one.question)
    return finding.verdict


def let_three_ring(one: Account) -> None:
    """Move the clock to a moment at which contacts of three queues ring and nobody else waits there."""
    center = one.world.center
    for _ in range(600):
        at = center.seconds(one.world.now())
        held = [queue_now(center, [queue], at) for queue in range(len(center.spec.queues))]
        if sum(bool(queue.ringing) and not queue.pending for queue in held) >= 3:
            return
        one.clock.advance(5)
    raise AssertionError("the center was never calm enough")


async def probed(vendor: str, *faults: tuple[str, dict], spec=None, face=None, **options) -> list[Finding]:
    """The findings of one probe, which may send six requests and not one more."""
    async with account(vendor, spec or CALM, face=face or {}, allowance=6, **options) as one:
        if one.world.center.spec == CALM:
            let_three_ring(one)
        for match, what in faults:
            one.fault(match, **what)
        assert isinstance(one.source, Probing)
        findings = await one.source.probe()
        assert 0 < one.world.requests.total <= 6
        assert {record.method for record in one.world.requests} <= {"GET", "POST"}
        return findings


async def test_what_is_assumed_of_twilio_holds_on_the_simulated_account() -> None:
    findings = await probed("twilio")

    assert len(findings) == 5
    assert {finding.verdict for finding in findings} == {CONFIRMED}
    assert all(finding.question and finding.assumption and finding.evidence for finding in findings)


async def test_a_configured_workspace_saves_a_request() -> None:
    async with served("twilio", CALM) as running:
        (space,) = running.face.tenant(running.world).workspaces
    async with account("twilio", CALM, allowance=5, workspaces=[space]) as twilio:
        findings = await twilio.source.probe()

        assert {finding.verdict for finding in findings} == {CONFIRMED}
        assert twilio.world.requests.total == 5


async def test_counts_as_strings_change_no_verdict() -> None:
    assert {finding.verdict for finding in await probed("twilio", face={"strings": True})} == {CONFIRMED}


@pytest.mark.parametrize(
    ("fault", "question", "expected"),
    [
        ((BULK, {"body": b'{"task_queue_data": []}'}), "bulk row", CONTRADICTED),
        ((BULK, {"body": b'{"task_queue_data": []}'}), "SID that is not there", CONTRADICTED),
        ((BULK, {"body": b"{}"}), "bulk row", CONTRADICTED),
        (("/Statistics", {"body": b'{"cumulative": {"wait_duration_until_accepted": {}}}'}), "leave out", CONTRADICTED),
        (("CumulativeStatistics", {"body": b"{}"}), "leave out", UNDECIDED),
        (("CumulativeStatistics", {"body": b"{}"}), "keyed by the thresholds", CONTRADICTED),
        (("CumulativeStatistics", {"body": b'{"split_by_wait_time": [5]}'}), "keyed by the thresholds", CONTRADICTED),
        (("RealTimeStatistics", {"headers": {"X-Rate-Limit-Limit": "50;w=1"}}), "header syntax", CONTRADICTED),
        (("RealTimeStatistics", {"body": b"{}"}), "header syntax", UNDECIDED),
    ],
    ids=str,
)
async def test_an_account_that_does_otherwise_contradicts(fault, question, expected) -> None:
    assert verdict(await probed("twilio", fault), question) is expected


@pytest.mark.parametrize("rows", [[None], [5], "rows", {"a": 1}, [[]]], ids=json.dumps)
async def test_rows_of_another_shape_contradict_instead_of_breaking_the_probe(rows) -> None:
    fault = (BULK, {"body": json.dumps({"task_queue_data": rows}).encode()})

    assert verdict(await probed("twilio", fault), "bulk row") is CONTRADICTED


@pytest.mark.parametrize("vendor", ["twilio", "genesys"])
async def test_an_account_without_queues_decides_nothing(vendor) -> None:
    (finding,) = await probed(vendor, spec=EMPTY)

    assert finding.verdict is UNDECIDED


async def test_what_is_assumed_of_genesys_holds_on_the_simulated_organization() -> None:
    findings = await probed("genesys")

    assert [finding.verdict for finding in findings] == [CONFIRMED] * 5
    assert all(finding.question and finding.assumption and finding.evidence for finding in findings)


@pytest.mark.parametrize(
    ("face", "question", "expected"),
    [
        ({"alerting_in_waiting": False}, "alerting inside waiting", CONTRADICTED),
        ({"longest_wait": "duration"}, "epoch longest wait", CONTRADICTED),
        ({"apis": ["observations", "stats"]}, "exist here", CONTRADICTED),
        (
            {
                "apis": ["observations", "stats"],
                "permissions": ["routing:queue:view", "analytics:queueObservation:view"],
            },
            "exist here",
            UNDECIDED,
        ),
    ],
    ids=["alerting", "duration", "stats", "stats not permitted"],
)
async def test_an_organization_that_does_otherwise_flips_the_verdict(face, question, expected) -> None:
    findings = await probed("genesys", face=face)

    assert verdict(findings, question) is expected
    assert CONTRADICTED not in {one.verdict for one in findings if question not in one.question}


@pytest.mark.parametrize(
    ("name", "value"),
    [("inin-ratelimit-reset", "soon"), ("inin-ratelimit-count", "1, 2"), ("inin-ratelimit-allowed", "")],
)
async def test_headers_of_another_syntax_contradict(name, value) -> None:
    findings = await probed("genesys", ("observations/query", {"headers": {name: value}}))

    assert verdict(findings, "header syntax") is CONTRADICTED


async def test_a_queue_that_is_missing_from_the_answer_contradicts() -> None:
    findings = await probed("genesys", ("observations/query", {"body": b'{"results": []}'}))

    assert verdict(findings, "absent groups") is CONTRADICTED
    assert verdict(findings, "alerting") is verdict(findings, "epoch") is UNDECIDED


@pytest.mark.parametrize("status", [400, 404])
async def test_a_refused_stranger_contradicts(status) -> None:
    findings = await probed("genesys", ("observations/query", {"status": status}))

    assert verdict(findings, "absent groups") is CONTRADICTED


@pytest.mark.parametrize("status", [401, 403, 429, 500, 503])
async def test_a_failure_that_has_nothing_to_do_with_the_stranger_decides_nothing(status) -> None:
    findings = await probed("genesys", ("observations/query", {"status": status, "headers": {"Retry-After": "0"}}))

    assert verdict(findings, "absent groups") is UNDECIDED


async def test_a_forbidden_queue_says_nothing_of_the_stranger() -> None:
    findings = await probed("genesys", face={"forbidden_queues": [queue_id(CALM, 3)]})

    assert verdict(findings, "absent groups") is UNDECIDED


@pytest.mark.parametrize("vendor", ["twilio", "genesys"])
@pytest.mark.parametrize("allowance", [0, 1, 2, 3])
async def test_a_spent_allowance_sends_nothing_more_and_contradicts_nothing(vendor, allowance) -> None:
    async with account(vendor, CALM, allowance=allowance) as one:
        findings: list[Finding] = []
        with suppress(RequestRefusedError):  # "not sent: the allowance is spent"
            findings = await one.source.probe()

        assert one.world.requests.total <= allowance
        assert CONTRADICTED not in {finding.verdict for finding in findings}
