"""Plugins by name: listed without importing, loaded one by one, and blamed by their owner's name."""

import sys
from importlib.metadata import EntryPoint
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from ccstats.config import Config, parse_config
from ccstats.config.settings import SourceOptions
from ccstats.errors import ConfigError, PluginError
from ccstats.registry import ADAPTERS, FACES, Plugin, installed, load, load_adapter, resolve

GOOD = """
from ccstats.config.settings import SourceOptions

class Options(SourceOptions):
    account: str

class Adapter:
    name = "good"
    api_version = 1
    options = Options
    abilities = {}

adapter = Adapter()
"""


@pytest.fixture
def plugins(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Any:
    """Installs entry points: (name, value, owner), and modules by their text."""
    monkeypatch.syspath_prepend(str(tmp_path))
    points: dict[str, list[EntryPoint]] = {ADAPTERS: [], FACES: []}

    def install(*entries: tuple[str, str, str | None], group: str = ADAPTERS, **modules: str) -> None:
        for name, value, owner in entries:
            point = EntryPoint(name, value, group)
            dist = SimpleNamespace(name=owner, version="1.2") if owner is not None else None
            points[group].append(point._for(dist))
        for module, text in modules.items():
            (tmp_path / f"{module}.py").write_text(text)
            monkeypatch.delitem(sys.modules, module, raising=False)

    monkeypatch.setattr("ccstats.registry.entry_points", lambda group: points[group])
    return install


def test_listing_imports_nothing(plugins: Any) -> None:
    plugins(("acme", "center_boom:adapter", "acme-center"), center_boom="raise RuntimeError('imported')")
    assert installed() == {"acme": (Plugin("acme", "center_boom:adapter", "acme-center", "1.2"),)}
    assert "center_boom" not in sys.modules


def test_what_is_installed_is_listed_by_name_and_group(plugins: Any) -> None:
    plugins(("b", "m:x", "one"), ("a", "m:y", None))
    plugins(("face", "m:z", "one"), group=FACES)
    assert list(installed()) == ["a", "b"]
    assert installed()["a"][0].owner == "unknown distribution"
    assert list(installed(FACES)) == ["face"]


def test_a_distribution_that_is_seen_twice_is_one_owner(plugins: Any) -> None:
    plugins(("good", "center_good:adapter", "acme"), ("good", "center_good:adapter", "acme"), center_good=GOOD)
    assert len(installed()["good"]) == 1
    assert load_adapter("good").name == "good"


def test_an_unknown_name_lists_the_known_ones(plugins: Any) -> None:
    plugins(("twilio", "m:x", "one"), ("genesys", "m:y", "one"))
    with pytest.raises(ConfigError, match="there is no adapter 'twillio'; installed are: genesys, twilio"):
        load("twillio")


def test_where_nothing_is_installed_the_list_says_none(plugins: Any) -> None:
    with pytest.raises(ConfigError, match="there is no face 'acme'; installed are: none") as caught:
        load("acme", FACES)
    assert caught.value.key == "face"


def test_two_owners_of_a_name_are_both_named(plugins: Any) -> None:
    plugins(("good", "center_good:adapter", "acme"), ("good", "rival:adapter", "rival-center"), center_good=GOOD)
    with pytest.raises(PluginError, match=r"acme \(center_good:adapter\) and rival-center \(rival:adapter\)"):
        load("good")


@pytest.mark.parametrize(
    ("module", "says"),
    [
        ("import no_such_module_at_all", "ModuleNotFoundError"),
        ("1 / 0", "ZeroDivisionError"),
        ("def broken(:", "SyntaxError"),
        ("other = 1", "AttributeError"),
    ],
)
def test_a_broken_import_names_its_owner_and_hurts_only_its_user(plugins: Any, module: str, says: str) -> None:
    plugins(
        ("bad", "center_bad:adapter", "bad-center"),
        ("good", "center_good:adapter", "acme"),
        center_bad=module,
        center_good=GOOD,
    )
    with pytest.raises(PluginError, match=f"'bad' of bad-center cannot be imported: {says}") as caught:
        load("bad")
    assert caught.value.__cause__ is not None
    assert load_adapter("good").name == "good"
    assert list(installed()) == ["bad", "good"]


@pytest.mark.parametrize("version", ["api_version = 2", "api_version = '1'", "api_version = None", ""])
def test_an_adapter_for_another_api_is_refused_with_both_versions(plugins: Any, version: str) -> None:
    plugins(("old", "center_old:adapter", "acme"), center_old=GOOD.replace("api_version = 1", version or "pass"))
    with pytest.raises(PluginError, match=r"'old' is written for plugin API .*, this ccstats has 1"):
        load_adapter("old")


def _config(**tables: dict[str, Any]) -> Config:
    return parse_config({"sources": tables}, file="c.toml")


def test_a_source_is_resolved_to_its_adapter_and_checked_options(plugins: Any) -> None:
    plugins(("good", "center_good:adapter", "acme"), center_good=GOOD)
    (found,) = resolve(_config(us={"adapter": "good", "account": "A1"}))
    assert (found.name, found.adapter.name, found.options.account) == ("us", "good", "A1")


@pytest.mark.parametrize(
    ("table", "key", "kind"),
    [
        ({"adapter": "goood", "account": "A1"}, "sources.us.adapter", ConfigError),
        ({"adapter": "bad", "account": "A1"}, "sources.us.adapter", PluginError),
        ({"adapter": "good"}, "sources.us.account", ConfigError),
        ({"adapter": "good", "account": 7}, "sources.us.account", ConfigError),
        ({"adapter": "good", "account": "A1", "acount": "A2"}, "sources.us.acount", ConfigError),
        ({"adapter": "good", "account": "A1", "limits": {"share": 2}}, "sources.us.limits.share", ConfigError),
    ],
)
def test_what_cannot_be_resolved_is_said_with_file_and_key(plugins: Any, table: Any, key: str, kind: Any) -> None:
    plugins(
        ("good", "center_good:adapter", "acme"), ("bad", "center_bad:x", "acme"), center_good=GOOD, center_bad="1 / 0"
    )
    with pytest.raises(ConfigError) as caught:
        resolve(_config(us=table))
    assert type(caught.value) is kind
    assert (caught.value.file, caught.value.key) == ("c.toml", key)
    assert str(caught.value).startswith(f"c.toml: {key}: ")


def test_ready_made_options_are_taken_as_they_are(plugins: Any) -> None:
    plugins(("good", "center_good:adapter", "acme"), center_good=GOOD)
    options = load_adapter("good").options(adapter="good", account="A1")
    (found,) = resolve(Config(sources={"us": options}))
    assert found.options is options


def test_options_of_another_adapter_are_refused(plugins: Any) -> None:
    plugins(("good", "center_good:adapter", "acme"), center_good=GOOD)
    with pytest.raises(ConfigError, match="'good' takes Options, not SourceOptions"):
        resolve(Config(sources={"us": SourceOptions(adapter="good")}))


def test_both_vendors_come_with_the_package() -> None:
    for name in ("genesys", "twilio"):
        assert installed()[name][0].owner == "ccstats"
        assert load_adapter(name).name == name
