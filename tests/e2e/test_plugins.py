"""Plugins from outside: made by `new-adapter`, listed, used beside ours; broken ones are named and cost nobody else."""

import sys
from pathlib import Path
from typing import Any

import pytest

BROKEN = """
class Adapter:
    name, api_version, abilities = "old", 0, {}

adapter = Adapter()
"""


def install(folder: Path, distribution: str, version: str, **groups: dict[str, str]) -> None:
    """What pip leaves behind of a distribution's metadata; its modules lie in `folder` already."""
    info = folder / f"{distribution.replace('-', '_')}-{version}.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {distribution}\nVersion: {version}\n")
    lines = [
        line
        for group, points in groups.items()
        for line in (f"[ccstats.{group}]", *(f"{name} = {value}" for name, value in points.items()), "")
    ]
    (info / "entry_points.txt").write_text("\n".join(lines))


@pytest.fixture
def project(cli: Any) -> Path:
    """A plugin project as `new-adapter` writes it, installed where PYTHONPATH leads."""
    ran = cli.here("new-adapter", "acme-voice", "--into", str(cli.folder))
    assert ran.code == 0
    root = cli.folder / "ccstats-acme-voice"
    assert sorted(ran.out.split()) == sorted(str(path) for path in root.rglob("*") if path.is_file())
    points = {"adapters": "ccstats_acme_voice:adapter", "faces": "ccstats_acme_voice.face:AcmeVoiceFace"}
    install(root, "ccstats-acme-voice", "0.1.0", **{group: {"acme-voice": value} for group, value in points.items()})
    return root


def python(cli: Any, root: Path, *arguments: str) -> Any:
    return cli.apart(*arguments, command=(sys.executable, "-P", "-m"), PYTHONPATH=str(root))


def test_a_new_plugin_passes_its_own_tests_at_once(cli: Any, project: Path) -> None:
    ran = python(cli, project, "pytest", "-q", "-p", "no:cacheprovider", str(project))
    assert ran.code == 0, ran.out[-3000:]
    assert int(ran.out.split(" passed")[0].split()[-1]) > 60


def test_a_new_plugin_is_listed_with_its_owner_and_its_abilities(cli: Any, project: Path) -> None:
    rows = {row["name"]: row for row in python(cli, project, "ccstats", "adapters", "--json").rows}
    assert rows["acme-voice"] == {
        "name": "acme-voice",
        "distribution": "ccstats-acme-voice",
        "version": "0.1.0",
        "state": "queue",
        "simulator": True,
        "abilities": {"queue": {"given": 10, "all": 33}},
    }
    assert {"twilio", "genesys"} < rows.keys()


def test_a_new_plugin_is_read_beside_the_others(cli: Any, project: Path) -> None:
    ran = python(cli, project, "ccstats", "demo", "--once", "--json", "--queues", "2", "--agents", "4")
    assert ran.code == 0, ran.err
    assert {row["vendor"]: row["status"] for row in ran.of("source")} == dict.fromkeys(
        ("acme-voice", "genesys", "twilio"), "ok"
    )


def test_every_place_that_is_to_be_filled_is_marked(cli: Any, project: Path) -> None:
    marked = {path.name for path in project.rglob("*.py") if "YOURS" in path.read_text(encoding="utf-8")}
    modules = ("config", "api", "parse", "abilities", "definitions", "plan", "source", "face")
    assert marked >= {f"{name}.py" for name in modules}


@pytest.mark.parametrize("name", ["", "Acme", "1st", "acme_voice", "../up", "acme-", "a b"])
def test_a_name_that_is_none_writes_nothing(cli: Any, name: str) -> None:
    ran = cli.here("new-adapter", name, "--into", str(cli.folder))
    assert ran.code == 2
    assert "is no name of an adapter" in ran.err
    assert list(cli.folder.iterdir()) == []


def test_what_is_there_already_is_not_overwritten(cli: Any, project: Path) -> None:
    ran = cli.here("new-adapter", "acme-voice", "--into", str(cli.folder))
    assert (ran.code, ran.out) == (2, "")
    assert "is there already" in ran.err


@pytest.fixture
def broken(cli: Any, project: Path) -> Path:
    """Beside the good plugin: two with one name, one that cannot be imported, one for another plugin API."""
    for name, text in (("boom", "raise RuntimeError('no engine')"), ("old", BROKEN)):
        (project / f"{name}_center.py").write_text(text)
    install(project, "boom-center", "1.0", adapters={"boom": "boom_center:adapter"}, faces={"boom": "boom_center:Face"})
    install(project, "old-center", "2.0", adapters={"old": "old_center:adapter"})
    for owner in ("twin-one", "twin-two"):
        install(project, owner, "3.0", adapters={"twin": f"{owner[5:]}_center:adapter"})
    return project


def test_a_broken_plugin_is_one_clear_line_and_the_others_work(cli: Any, broken: Path) -> None:
    rows = {row["name"]: row for row in python(cli, broken, "ccstats", "adapters", "--json").rows}
    wrong = {name: row["state"] for name, row in rows.items() if row["state"].startswith("unusable")}
    assert wrong == {
        "boom": "unusable: adapter 'boom' of boom-center cannot be imported: RuntimeError: no engine",
        "old": "unusable: adapter 'old' is written for plugin API 0, this ccstats has 1",
        "twin": "unusable: provided by twin-one and twin-two",
    }
    assert {name for name in rows if name not in wrong} == {"acme-voice", "genesys", "twilio"}


def test_the_simulator_leaves_a_broken_face_out_and_says_so(cli: Any, broken: Path) -> None:
    ran = python(cli, broken, "ccstats", "demo", "--once", "--json", "--queues", "1", "--agents", "2")
    assert ran.code == 0
    assert ran.err.splitlines() == [
        "left out: face 'boom' of boom-center cannot be imported: RuntimeError: no engine",
    ]
    assert {row["vendor"] for row in ran.of("source")} == {"acme-voice", "genesys", "twilio"}


def test_a_source_of_a_broken_plugin_is_one_line(cli: Any, broken: Path) -> None:
    line = "adapter 'twin' is provided by twin-one (one_center:adapter) and twin-two (two_center:adapter); "
    file = cli.configure({"main": {"adapter": "twin"}})
    ran = python(cli, broken, "ccstats", "snapshot", "-c", file)
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.startswith(f"error: {file}: sources.main.adapter: {line}")
    assert len(ran.err.splitlines()) == 1
