"""A real Prometheus reads `ccstats demo --serve`, and understands its rules and dashboard: `make test-prometheus`."""

import asyncio
import json
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest

EXAMPLES = Path(__file__).parent.parent.parent / "examples" / "grafana"
PROMETHEUS, PROMTOOL = shutil.which("prometheus"), shutil.which("promtool")
pytestmark = [
    pytest.mark.prometheus,
    pytest.mark.skipif(PROMETHEUS is None or PROMTOOL is None, reason="there is no Prometheus on this machine"),
]
BOUND = 60
CONFIG = """
global: {{ scrape_interval: 1s, evaluation_interval: 1s }}
rule_files: ["{rules}"]
scrape_configs: [{{ job_name: ccstats, static_configs: [{{ targets: ["{target}"] }}] }}]
"""


def promtool(*arguments: str, text: str = "") -> str:
    """What promtool says against it; nothing where it is content."""
    ran = subprocess.run([str(PROMTOOL), *arguments], input=text, capture_output=True, text=True, check=False)
    return "" if ran.returncode == 0 else ran.stdout + ran.stderr


def expressions() -> list[str]:
    """Every query of the dashboard, for everything."""
    panels = json.loads((EXAMPLES / "dashboard.json").read_text())["panels"]
    found = [target["expr"] for panel in panels for target in panel["targets"]]
    return [re.sub(r"\$(source|queue)", ".*", one) for one in found]


@asynccontextmanager
async def process(*command: str, said: str) -> AsyncGenerator[str]:
    """A process, and what fits in its stderr; it is ended at the end."""
    running = await asyncio.create_subprocess_exec(*command, stderr=asyncio.subprocess.PIPE)
    assert running.stderr is not None
    try:
        found = None
        while found is None:
            line = (await running.stderr.readline()).decode()
            assert line, f"{command[0]} ended"
            found = re.search(said, line)
        draining = asyncio.create_task(running.stderr.read())
        yield found[found.lastindex or 0]
    finally:
        if running.returncode is None:
            running.send_signal(signal.SIGTERM)
        await running.wait()
    await draining


@asynccontextmanager
async def reading(folder: Path) -> AsyncGenerator[Any]:
    """Prometheus on the demo; asks it for the value of a query."""
    demo = (sys.executable, "-P", "-m", "ccstats", "demo", "--serve", "--listen", "127.0.0.1:0")
    async with asyncio.timeout(BOUND), process(*demo, said=r"serving at http://(\S+)") as target:
        config = folder / "prometheus.yml"
        config.write_text(CONFIG.format(rules=EXAMPLES / "alerts.yml", target=target))
        command = (
            str(PROMETHEUS),
            f"--config.file={config}",
            f"--storage.tsdb.path={folder / 'data'}",
            "--web.listen-address=127.0.0.1:0",
        )
        async with (
            aiohttp.ClientSession() as session,
            process(*command, said=r"address=(127\.\S+:[1-9]\d*)") as address,
        ):
            while (await session.get(f"http://{address}/-/ready")).status != 200:
                pass

            async def ask(path: str, **query: str) -> Any:
                async with session.get(f"http://{address}/api/v1/{path}", params=query) as response:
                    answer = await response.json()
                    assert answer["status"] == "success", answer
                    return answer["data"]

            yield ask


def test_promtool_finds_nothing_wrong_with_the_rules() -> None:
    assert promtool("check", "rules", str(EXAMPLES / "alerts.yml")) == ""


async def test_promtool_finds_nothing_wrong_with_the_metrics(serve: Any, vendor: Any) -> None:
    vendor["acme"].many(3)
    async with serve("acme", groups={"all": ("acme:*",)}) as served, served.get("/metrics") as response:
        assert promtool("check", "metrics", text=await response.text()) == ""


async def test_prometheus_reads_both_vendors_and_every_query_of_the_dashboard_has_an_answer(tmp_path: Path) -> None:
    async with reading(tmp_path) as ask:
        missing = expressions()
        assert len(missing) > 8
        while missing:  # a rate needs two scrapes
            missing = [one for one in missing if not (await ask("query", query=one))["result"]]
        found = (await ask("query", query="count by (source) (ccstats_queue_waiting)"))["result"]
        assert {one["metric"]["source"]: one["value"][1] for one in found} == {"twilio": "6", "genesys": "6"}
        (target,) = (await ask("targets"))["activeTargets"]
        assert (target["health"], target["lastError"]) == ("up", "")
        rules = [rule for group in (await ask("rules"))["groups"] for rule in group["rules"]]
        assert len(rules) == 5
        while {one["health"] for one in rules} == {"unknown"}:
            rules = [rule for group in (await ask("rules"))["groups"] for rule in group["rules"]]
        assert {one.get("lastError") for one in rules} == {None}
