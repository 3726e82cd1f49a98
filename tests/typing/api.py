"""The public interface as a user types it: checked, never run."""

from datetime import datetime, timedelta
from typing import assert_type

import ccstats
from ccstats.monitor.view import View


async def read_once(path: str) -> None:
    config = ccstats.load_config(path)
    assert_type(config, ccstats.Config)
    result = await ccstats.fetch(config, families=frozenset({ccstats.Family.REALTIME}), raw=True)
    assert_type(result, ccstats.Result)
    for snapshot in result.snapshots:
        assert_type(snapshot, ccstats.Snapshot)
        assert_type(snapshot.target.key, str)
        assert_type(snapshot.gap("realtime.agents.busy"), ccstats.Gap | None)
        if snapshot.realtime is not None:
            assert_type(snapshot.realtime.waiting, int | None)
            assert_type(snapshot.realtime.longest_wait, timedelta | None)
            assert_type(snapshot.realtime.agents.available, int | None)
            assert_type(snapshot.realtime.observed_at, datetime | None)
        for name, window in snapshot.windows.items():
            assert_type(name, str)
            assert_type(window, ccstats.Window)
            assert_type(window.handle, ccstats.TimeStat | None)
        found = snapshot.service_level(ccstats.ServiceLevelRule.OF_OFFERED, "30m", timedelta(seconds=20))
        assert_type(found, ccstats.RuledLevel)
        assert_type(found.ratio, float | None)
        assert_type(snapshot.definition("window.handle"), ccstats.MetricDefinition | None)
    for report in result.sources:
        assert_type(report.status, ccstats.SourceStatus)
    for group in result.groups:
        assert_type(group, ccstats.Group)
        assert_type(group.coverage.partial, dict[str, int])
    whole = ccstats.roll_up(result.snapshots, apart=timedelta(0))
    assert_type(whole, ccstats.RollUp)
    assert_type(ccstats.roll_up([whole, *result.snapshots]).realtime, ccstats.Realtime | None)
    one, other, *_ = result.snapshots
    assert_type(ccstats.comparable(one, other, "window.handle").verdict, ccstats.Comparability)


def views(monitor: ccstats.Monitor, reader: ccstats.Reader) -> tuple[View, View]:
    """What polls and what reads are looked at alike."""
    return monitor, reader


async def read_what_workers_share(url: str) -> None:
    async with ccstats.attach(url, sources=["us"], only=lambda target: target.kind is ccstats.Kind.QUEUE) as reader:
        assert_type(reader, ccstats.Reader)
        assert_type(await reader.wait_until_ready(timeout=5), bool)
        assert_type(reader.stats(), ccstats.MonitorStats)
        assert_type(reader.latest(), dict[str, ccstats.Snapshot])
        async with reader.subscribe("us:*") as changes:
            assert_type(changes, ccstats.Changes)


def from_typed_objects() -> ccstats.Config:
    from ccstats_genesys import GenesysOptions
    from ccstats_twilio import TwilioOptions

    return ccstats.Config(
        poll=ccstats.Poll(windows=(ccstats.WindowSpec.parse("30m"),)),
        sources={
            "us": TwilioOptions(account_sid="AC" + "0" * 32, auth_token=ccstats.Secret("from a vault")),
            "emea": GenesysOptions(
                region="eu-west-1",
                client_id="client",
                client_secret=ccstats.Secret("from a vault"),
                select=ccstats.Select(kinds=(ccstats.Kind.QUEUE,)),
                limits=ccstats.Limits(share=0.5),
            ),
        },
    )


def errors(error: ccstats.VendorError) -> float | None:
    if isinstance(error, ccstats.TransientError):
        return error.retry_after
    return None
