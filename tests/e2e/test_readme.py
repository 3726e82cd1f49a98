"""What the README shows is true: its Python runs, its configuration loads, its commands exist."""

import asyncio
import re
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from ccstats.cli.app import COMMANDS, cli
from ccstats.cli.staging import faces, toml
from ccstats.config import load_config
from ccstats.registry import resolve
from ccstats.simulator.generate import generate_spec
from ccstats.simulator.stage import stage

ROOT = Path(__file__).parent.parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    """The code blocks of a language."""
    return re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL)


async def run(tmp_path: Path, *command: str) -> subprocess.CompletedProcess[str]:
    """Run Python in a folder whose ccstats.toml reads a simulated center."""
    start = datetime.now(UTC) - timedelta(hours=1)
    async with stage(faces(()), generate_spec(1, queues=2), start) as running:
        (tmp_path / "ccstats.toml").write_text(toml({one.face.name: one.source() for one in running}))
        return await asyncio.to_thread(
            subprocess.run,
            [sys.executable, *command],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=60,
            check=False,
        )


async def test_the_first_python_of_the_readme_runs_as_it_stands(tmp_path: Path) -> None:
    ran = await run(tmp_path, "-c", blocks("python")[0])
    assert (ran.returncode, ran.stderr) == (0, "")
    assert "twilio:queue:WQ" in ran.stdout
    assert "genesys:queue:" in ran.stdout


async def test_the_monitor_of_the_readme_sees_changes(tmp_path: Path) -> None:
    body = blocks("python")[1].replace('"us:*"', '"*"').replace("...", "print(snapshot.target.key); return")
    lines = "\n".join(f"    {line}" for line in body.splitlines())
    ran = await run(tmp_path, "-c", f"import asyncio, ccstats\nasync def main():\n{lines}\nasyncio.run(main())")
    assert (ran.returncode, ran.stderr) == (0, "")
    assert ":" in ran.stdout


def test_the_configuration_of_the_readme_is_valid(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, canary: str) -> None:
    for name in re.findall(r'env = "(\w+)"', blocks("toml")[0]):
        monkeypatch.setenv(name, canary)
    path = tmp_path / "ccstats.toml"
    path.write_text(blocks("toml")[0])
    assert [source.name for source in resolve(load_config(path))] == ["us", "emea"]


@pytest.mark.parametrize("command", sorted(set(re.findall(r"\| `ccstats ([\w-]+)", README))))
def test_every_command_of_the_readme_exists(command: str) -> None:
    assert CliRunner().invoke(cli, [command, "--help"]).exit_code == 0


def test_every_command_is_in_the_readme() -> None:
    assert set(COMMANDS) == set(re.findall(r"\| `ccstats ([\w-]+)", README))
