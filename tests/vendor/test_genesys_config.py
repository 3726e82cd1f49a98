"""What a Genesys source can be told: mistakes are named by their key, and no value is shown."""

import re

import pytest

from ccstats.config import validate
from ccstats.errors import ConfigError
from ccstats_genesys.api.regions import REGIONS
from ccstats_genesys.config import GenesysOptions

HUSH = "canary-5e1f0a-hush"
"""Seen anywhere, in a log, an error or a failure report, it fails the test: see the conftest of all tests."""
GOOD = {"adapter": "genesys", "client_id": "11111111-2222-4333-8444-555555555555", "client_secret": HUSH}


def options(**given) -> GenesysOptions:
    return validate(GenesysOptions, {**GOOD, "region": "eu-west-1", **given}, key="sources.emea")


def mistake(**given) -> str:
    with pytest.raises(ConfigError) as caught:
        options(**given)
    message = str(caught.value)
    assert HUSH not in message
    assert caught.value.key.startswith("sources.emea")
    return message


def test_there_are_eighteen_regions() -> None:
    assert len(REGIONS) == len(set(REGIONS.values())) == 18


@pytest.mark.parametrize("write", [str, str.upper, lambda name: name.replace("-", "_")], ids=["plain", "upper", "sdk"])
@pytest.mark.parametrize(("region", "domain"), REGIONS.items())
def test_a_region_is_known_in_both_spellings(region, domain, write) -> None:
    opts = options(region=write(region))

    assert opts.region == region
    assert (str(opts.root), str(opts.login)) == (f"https://api.{domain}", f"https://login.{domain}")


@pytest.mark.parametrize("domain", ["mypurecloud.ie", "MYPURECLOUD.IE", "newest.pure.cloud"])
def test_a_domain_stands_for_a_region(domain) -> None:
    assert options(region=domain).root.host == f"api.{domain.lower()}"


@pytest.mark.parametrize(
    ("region", "near"),
    [
        ("eu-west1", "eu-west-1"),
        ("us-east", "us-east-1|us-east-2"),
        ("ap_southeast_9", "ap-southeast-1|ap-southeast-2"),
        ("eu-central-l", "eu-central-1|eu-central-2"),
    ],
)
def test_an_unknown_region_is_answered_with_the_nearest_one(region, near) -> None:
    message = mistake(region=region)

    assert message.startswith("sources.emea.region: unknown region")
    assert re.search(rf"did you mean ({near})\?", message)


def test_a_region_that_is_near_to_none_is_answered_with_all_of_them() -> None:
    message = mistake(region="mars")

    assert all(region in message for region in REGIONS)


@pytest.mark.parametrize(
    ("given", "key"),
    [
        ({"client_id": ""}, "client_id"),
        ({"client_secret": ""}, "client_secret"),
        ({"client_secret": 5}, "client_secret"),
        ({"client_secret": {"env": "CCSTATS_NO_SUCH_VARIABLE"}}, "client_secret"),
        ({"base_url": "api.mypurecloud.ie"}, "base_url"),
        ({"login_url": "login"}, "login_url"),
        ({"api": "both"}, "api"),
        ({"queues_per_query": 0}, "queues_per_query"),
        ({"queues_per_query": 1001}, "queues_per_query"),
        ({"queues_per_query": "100"}, "queues_per_query"),
        ({"activity_states": {"id": "resting"}}, "activity_states.id"),
        ({"regions": "eu-west-1"}, "regions"),
        ({"region": ""}, "region"),
        ({"region": "https://api.mypurecloud.ie"}, "region"),
        ({"region": "mypurecloud.ie\n"}, "region"),
    ],
    ids=str,
)
def test_a_wrong_value_is_refused_by_its_key(given, key) -> None:
    assert mistake(**given).startswith(f"sources.emea.{key}")


@pytest.mark.parametrize("missing", ["client_id", "client_secret"])
def test_missing_credentials_are_named(missing) -> None:
    table = {name: value for name, value in GOOD.items() if name != missing}
    with pytest.raises(ConfigError, match=rf"sources.emea.{missing}: is required and missing"):
        validate(GenesysOptions, {**table, "region": "eu-west-1"}, key="sources.emea")


@pytest.mark.parametrize("given", [{}, {"base_url": "https://here"}, {"login_url": "https://here"}], ids=str)
def test_without_a_region_both_urls_are_needed(given) -> None:
    with pytest.raises(ConfigError, match="give region, or both base_url and login_url"):
        validate(GenesysOptions, {**GOOD, **given}, key="sources.emea")


def test_urls_stand_in_for_the_hosts_of_a_region() -> None:
    opts = options(base_url="http://127.0.0.1:8080/genesys/", login_url="http://127.0.0.1:8080/login")

    assert (str(opts.root), str(opts.login)) == ("http://127.0.0.1:8080/genesys", "http://127.0.0.1:8080/login")
    assert opts.domain == "mypurecloud.ie"


def test_options_show_no_secret() -> None:
    opts = options()

    assert HUSH not in f"{opts!r}{opts}{opts.model_dump()}{opts.model_dump_json()}"
