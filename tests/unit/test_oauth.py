"""One token for everybody: fetched once, renewed early and once, and lost by nobody's cancellation."""

import asyncio
from collections.abc import Mapping

import pytest

from ccstats.auth import ClientCredentials, Token, TokenKeeper
from ccstats.errors import AuthError, UnavailableError

pytestmark = pytest.mark.looptime


class Login:
    """A vendor's login: a second per token, each another one; fails on request."""

    def __init__(self, lifetime: float = 3600.0) -> None:
        self.calls = 0
        self.lifetime = lifetime
        self.failure: Exception | None = None

    async def __call__(self) -> Token:
        self.calls += 1
        number = self.calls
        await asyncio.sleep(1)
        if self.failure is not None:
            raise self.failure
        return Token(f"token-{number}", self.lifetime)


def bearer(number: int) -> Mapping[str, str]:
    return {"Authorization": f"Bearer token-{number}"}


async def test_a_thousand_who_come_at_once_share_one_fetch() -> None:
    login, keeper = Login(), TokenKeeper("k")
    found = await asyncio.gather(*(keeper.headers(login) for _ in range(1000)))
    assert login.calls == 1
    assert all(headers is found[0] for headers in found)
    assert found[0] == bearer(1)


async def test_a_live_token_is_reused_without_waiting() -> None:
    login, keeper = Login(), TokenKeeper("k")
    await keeper.headers(login)
    before = asyncio.get_running_loop().time()
    await keeper.headers(login)
    assert (login.calls, asyncio.get_running_loop().time()) == (1, before)


async def test_a_token_revoked_under_a_thousand_requests_costs_one_more_fetch() -> None:
    login, keeper = Login(), TokenKeeper("k")
    auth = ClientCredentials(keeper, login)

    async def request() -> Mapping[str, str]:
        sent = await auth.headers()
        await asyncio.sleep(5)
        if sent == bearer(1):
            assert await auth.renew(sent)
            sent = await auth.headers()
        return sent

    assert set(map(str, await asyncio.gather(*(request() for _ in range(1000))))) == {str(bearer(2))}
    assert login.calls == 2


async def test_a_late_refusal_of_an_old_token_does_not_discard_the_new_one() -> None:
    login, keeper = Login(), TokenKeeper("k")
    old = await keeper.headers(login)
    keeper.refuse(old)
    new = await keeper.headers(login)
    keeper.refuse(old)
    keeper.refuse(dict(new))
    assert await keeper.headers(login) is new
    assert login.calls == 2


@pytest.mark.parametrize("cancelled", [[0], [0, 1, 2], [3, 7], list(range(9))])
async def test_who_is_cancelled_takes_the_token_from_nobody(cancelled: list[int]) -> None:
    login, keeper = Login(), TokenKeeper("k")
    waiters = [asyncio.create_task(keeper.headers(login)) for _ in range(10)]
    await asyncio.sleep(0.5)
    for number in cancelled:
        waiters[number].cancel()
    found = await asyncio.gather(*waiters, return_exceptions=True)
    served = [headers for number, headers in enumerate(found) if number not in cancelled]
    assert served == [bearer(1)] * (10 - len(cancelled))
    assert login.calls == 1


async def test_a_token_that_nobody_waits_for_any_more_is_kept_all_the_same() -> None:
    login, keeper = Login(), TokenKeeper("k")
    only = asyncio.create_task(keeper.headers(login))
    await asyncio.sleep(0.5)
    only.cancel()
    await asyncio.sleep(1)
    assert await keeper.headers(login) == bearer(1)
    assert login.calls == 1


@pytest.mark.parametrize(("lifetime", "renewed_at"), [(100.0, 91.0), (86400.0, 86101.0), (3000.0, 2701.0)])
async def test_a_token_is_renewed_before_its_end(lifetime: float, renewed_at: float) -> None:
    loop, login, keeper = asyncio.get_running_loop(), Login(lifetime), TokenKeeper("k")
    await keeper.headers(login)
    await asyncio.sleep(renewed_at - loop.time() - 0.5)
    assert await keeper.headers(login) == bearer(1)
    await asyncio.sleep(1)
    assert await keeper.headers(login) == bearer(2)
    assert login.calls == 2


async def test_a_day_of_requests_needs_as_many_tokens_as_it_has_lifetimes() -> None:
    login, keeper = Login(3600.0), TokenKeeper("k")
    for _ in range(24 * 60):
        await keeper.headers(login)
        await asyncio.sleep(60)
    assert login.calls <= 24 / 0.9 + 1


async def test_a_failure_reaches_everybody_who_waits_and_the_next_tries_anew() -> None:
    login, keeper = Login(), TokenKeeper("k")
    login.failure = AuthError("wrong secret")
    failures = await asyncio.gather(*(keeper.headers(login) for _ in range(100)), return_exceptions=True)
    assert {type(failure) for failure in failures} == {AuthError}
    assert login.calls == 1
    login.failure = None
    assert await keeper.headers(login) == bearer(2)


async def test_a_failure_that_nobody_waits_for_is_not_reported_to_the_loop() -> None:
    complaints: list[object] = []
    asyncio.get_running_loop().set_exception_handler(lambda loop, context: complaints.append(context))
    login, keeper = Login(), TokenKeeper("k")
    login.failure = UnavailableError("down")
    only = asyncio.create_task(keeper.headers(login))
    await asyncio.sleep(0.5)
    only.cancel()
    await asyncio.sleep(1)
    del only
    with pytest.raises(UnavailableError):
        await keeper.headers(login)
    assert complaints == []


async def test_two_sources_on_one_credential_share_its_token() -> None:
    keeper, first, second = TokenKeeper("k"), Login(), Login()
    headers = await ClientCredentials(keeper, first).headers()
    assert await ClientCredentials(keeper, second).headers() is headers
    assert (first.calls, second.calls) == (1, 0)


async def test_closing_ends_a_fetch_under_way() -> None:
    login, keeper = Login(), TokenKeeper("k")
    waiter = asyncio.create_task(keeper.headers(login))
    await asyncio.sleep(0.5)
    await keeper.close()
    with pytest.raises(asyncio.CancelledError):
        await waiter
    assert len(asyncio.all_tasks()) == 1
    await keeper.close()


async def test_closing_before_the_fetch_has_begun_leaves_a_keeper_that_works() -> None:
    login, keeper = Login(), TokenKeeper("k")
    waiter = asyncio.create_task(keeper.headers(login))
    await asyncio.sleep(0)
    assert (keeper._flight is not None, login.calls) == (True, 0), "a task that has not begun"
    await keeper.close()
    await asyncio.wait([waiter])
    assert await keeper.headers(login) == bearer(1)


async def test_neither_token_nor_keeper_shows_the_token(canary: str) -> None:
    async def login() -> Token:
        return Token(canary, 60)

    keeper = TokenKeeper("genesys|client")
    credentials = ClientCredentials(keeper, login)
    assert repr(keeper) == "<TokenKeeper genesys|client: no token>"
    await credentials.headers()
    assert repr(keeper) == "<TokenKeeper genesys|client: token>"
    shown = [
        canary in text for text in (repr(Token(canary, 60)), str(Token(canary, 60)), repr(keeper), repr(credentials))
    ]
    assert not any(shown)
