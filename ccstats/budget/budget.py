"""One rate limit, kept on this side, shared by every task and source that spends it.

The bucket is one number: the moment at which it would be full again ("theoretical arrival time" in GCRA). A request
is granted when that moment is at most `burst` requests away, and pushes it one request further when it leaves. A grant
that has not left yet is counted as if it left now. So any window of W seconds sees at most `burst + rate * W`
requests, whatever the arrival pattern, and an idle budget costs nothing: there is no task and no timer unless somebody
waits, and then one timer however many wait.
"""

from __future__ import annotations

import asyncio
import hashlib
import math
from collections import deque

from ccstats.budget.claims import Claims
from ccstats.budget.limit import MARGIN, Limit, Pace, RateHint, strictest
from ccstats.budget.others import Others

LONGEST_PAUSE = 300.0
"""Seconds. A vendor's Retry-After beyond this is reported to the caller instead of being slept through."""
PROBE = 5.0
"""Seconds to wait for a probe's answer before the next request may leave."""
EPSILON = 1e-9


class Budget:
    """A token bucket with first-come-first-served waiters, a pause, and limits that a vendor can tighten.

    `factor` is how much of a limit may be spent: a safety margin, and this program's share where others spend it too.
    """

    def __init__(self, key: str, limit: Limit, *, factor: float = 1 - MARGIN, user: object = None) -> None:
        self.key = key
        # The key may hold an account's id, which is nobody's business where programs meet.
        self.name = hashlib.sha256(key.encode()).hexdigest()[:32]
        """What other programs know it by."""
        self._claims: Claims[tuple[Limit, float]] = Claims()
        self._claims.add(user, (limit, factor))
        self._told: dict[str, Limit] = {}
        self._parts = 1
        self._pace = self._paced()
        self._full_at = float("-inf")
        self._held = 0
        self._promised: dict[object, int] = {}
        self._line: dict[object, None] = {}
        self._blocked_until = float("-inf")
        self.probing = False
        """After a pause that a refusal made: one request is let out to see, and the rest when it was answered."""
        self._probe_out = False
        self.others: Others | None = None
        """Who else spends this limit: one request at a time asks them, so that those behind it see what it was told."""
        self.courtesy = 0.0
        """Seconds by which a grant comes later than it could, so that others have their turn."""
        self._waiters: deque[asyncio.Future[None]] = deque()
        self._timer: asyncio.TimerHandle | None = None

    def __repr__(self) -> str:
        return f"<Budget {self.key}: {self._pace.rate:.3g}/s, burst {self._pace.burst}, {len(self._waiters)} waiting>"

    @property
    def pace(self) -> Pace:
        """The rate and burst in force."""
        return self._pace

    @property
    def waiting(self) -> int:
        """How many requests wait for their turn."""
        return len(self._waiters)

    def level(self) -> float:
        """How much of the burst is unspent, from 0 to 1; 0 while paused."""
        now = asyncio.get_running_loop().time()
        if now < self._blocked_until:
            return 0.0
        owed = max(0.0, self._full_at - now) * self._pace.rate
        return max(0.0, 1.0 - owed / self._pace.burst)

    def wait_expected(self) -> float:
        """Seconds until a request that came now would be granted, as far as is known."""
        now = asyncio.get_running_loop().time()
        owed = (self._held + len(self._waiters) + self._expected() + 1 - self._pace.burst) / self._pace.rate
        return max(0.0, max(self._full_at, now) + owed - now, self._blocked_until - now)

    def free(self) -> int:
        """How many requests could be granted at this moment."""
        now = asyncio.get_running_loop().time()
        if self._waiters or now < self._ready_at() - EPSILON:
            return 0
        owed = max(0.0, self._full_at - now) * self._pace.rate
        burst = self._pace.burst if not self.probing else min(self._pace.burst, 1 + owed)
        return max(0, math.floor(burst - owed - self._held - self._expected() + EPSILON))

    def line_up(self, who: object) -> int:
        """Several pollers share this budget: how many are before `who`, whose turn comes again after `step_back`."""
        self._line.setdefault(who, None)
        return list(self._line).index(who)

    def step_back(self, who: object) -> None:
        """`who` has had a turn."""
        self.leave(who)
        self._line[who] = None

    def leave(self, who: object) -> None:
        """`who` wants nothing at present."""
        self._line.pop(who, None)

    def promise(self, holder: object, requests: int) -> None:
        """Somebody was started in the belief that so many requests are free: they are not free for others."""
        self._promised[holder] = requests

    def fulfil(self, holder: object) -> None:
        """Whoever a promise was made to is done."""
        self._promised.pop(holder, None)

    def _expected(self) -> int:
        return sum(self._promised.values())

    def try_acquire(self, *, ahead: bool = False) -> bool:
        """Take one grant if one is free and nobody was here before (or `ahead` of those who were)."""
        now = asyncio.get_running_loop().time()
        if (self._waiters and not ahead) or now < self._ready_at() - EPSILON:
            return False
        self._held += 1
        return True

    async def acquire(self, *, again: bool = False) -> None:
        """Wait for one grant, in order of arrival (before everybody else, `again`). A cancelled wait spends nothing.

        Every grant is followed by `commit` in the moment when its request leaves, or by `release`.
        """
        if self.try_acquire(ahead=again):
            return
        turn = asyncio.get_running_loop().create_future()
        if again:
            self._waiters.appendleft(turn)
        else:
            self._waiters.append(turn)
        self._arm()
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():
                self.release()  # granted and cancelled in the same instant
            elif turn in self._waiters:
                self._waiters.remove(turn)
                self._arm()
            raise

    def commit(self) -> None:
        """The request that a grant was for leaves now."""
        self._held -= 1
        for holder, left in self._promised.items():
            if left > 0:
                self._promised[holder] = left - 1
                break
        now = asyncio.get_running_loop().time()
        self._full_at = max(self._full_at, now) + 1.0 / self._pace.rate
        if self.probing:
            self._let_out(now)
        self._arm()

    def release(self) -> None:
        """Give back a grant that was not used."""
        self._held -= 1
        self._arm()

    def forfeit(self) -> None:
        """The others have counted this grant, and no request leaves with it: it is spent all the same."""
        self._held -= 1
        self._full_at = max(self._full_at, asyncio.get_running_loop().time()) + 1.0 / self._pace.rate
        self._arm()

    def pause(self, seconds: float, *, probe: bool = False) -> None:
        """Grant nothing for `seconds` (a vendor's Retry-After); a shorter pause never shortens a longer one.

        With `probe` one request is granted after it, and the next when that one is `proven`, or some seconds later.
        """
        if probe:
            self.probing, self._probe_out = True, False
            if self.others is not None:
                self.others.tell(seconds)
        seconds = min(max(seconds, 0.0), LONGEST_PAUSE)
        self._blocked_until = max(self._blocked_until, asyncio.get_running_loop().time() + seconds)
        self._arm()

    def proven(self) -> None:
        """The vendor counts again: what the probe was let out to see."""
        if self._probe_out:
            self.probing = self._probe_out = False
            self._blocked_until = float("-inf")
            self._arm()

    def _let_out(self, now: float) -> None:
        """A probe leaves. Nobody has said what became of the one before: then nothing did."""
        if self._probe_out:
            self.probing = self._probe_out = False
        else:
            self._probe_out, self._blocked_until = True, max(self._blocked_until, now + PROBE)

    def debt(self) -> tuple[float, float]:
        """When everything that was spent will have come back, and until when nothing is granted: what `owe` takes."""
        return self._full_at, self._blocked_until

    def owe(self, full_at: float, blocked_until: float) -> None:
        """Somebody else has spent, or was told to wait: neither moment comes earlier than these."""
        self._full_at = max(self._full_at, full_at)
        self._blocked_until = max(self._blocked_until, blocked_until)
        self._arm()

    def paused_for(self) -> float:
        """Seconds for which nothing will be granted."""
        return max(0.0, self._blocked_until - asyncio.get_running_loop().time())

    def restrict(self, limit: Limit, factor: float, user: object = None) -> None:
        """Another user of this budget was configured with `limit` and `factor`: the stricter ones hold for all."""
        if self._claims.add(user, (limit, factor)):
            self._repace()

    def relax(self, user: object) -> None:
        """This user is done: what the others were configured with holds."""
        if self._claims.leave(user):
            self._repace()

    def divide(self, parts: int) -> None:
        """Spend only one of so many parts of every limit. A part begins empty: the whole may just have been spent."""
        if parts == self._parts:
            return
        self._parts = parts
        self._repace()
        if parts > 1:
            self._full_at = asyncio.get_running_loop().time() + self._pace.burst / self._pace.rate
            self._arm()

    def observe(self, hint: RateHint, endpoint: str) -> None:
        """Follow what the vendor's headers say, where that is stricter than what was configured.

        A limit may differ per endpoint: the strictest of the latest ones holds. Where others spend the same limit,
        `remaining` sinks faster than our own count: with nothing left, wait for the reset.
        """
        if hint.limit is not None and hint.limit.requests >= 1:
            self._told[endpoint] = hint.limit
            self._repace()
        if hint.remaining is not None and hint.reset is not None and hint.remaining < 1:
            self.pause(hint.reset)
            if self.others is not None:
                self.others.tell(hint.reset)
        self._arm()

    def _paced(self) -> Pace:
        claims = self._claims.all()
        factor = min(factor for _, factor in claims)
        limits = (*(limit for limit, _ in claims), *self._told.values())
        whole = strictest([limit.scaled(factor).pace() for limit in limits])
        if self._parts == 1:
            return whole
        part = strictest([limit.scaled(factor / self._parts).pace() for limit in limits])
        return Pace(rate=min(part.rate, whole.rate / self._parts), burst=part.burst)

    def _repace(self) -> None:
        """What was spent stays spent: the same number of requests is owed at the new rate."""
        pace = self._paced()
        if pace == self._pace:
            return
        now = asyncio.get_running_loop().time()
        owed = max(0.0, self._full_at - now) * self._pace.rate
        self._pace, self._full_at = pace, now + owed / pace.rate
        self._arm()

    def _ready_at(self) -> float:
        if self._held >= (1 if self.probing or self.others is not None else self._pace.burst):
            return math.inf  # until a grant leaves or comes back
        free_at = self._full_at - (self._pace.burst - 1 - self._held) / self._pace.rate + self.courtesy
        return max(free_at, self._blocked_until)

    def _arm(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        due = self._ready_at()
        if self._waiters and due < math.inf:
            loop = asyncio.get_running_loop()
            self._timer = loop.call_at(max(due, loop.time()), self._grant, due)

    def _grant(self, due: float) -> None:
        self._timer = None
        # A timer may fire within the clock's resolution before it is due; counting that as due avoids spinning.
        now = max(asyncio.get_running_loop().time(), due)
        while self._waiters and now >= self._ready_at() - EPSILON:
            turn = self._waiters.popleft()
            if not turn.done():
                self._held += 1
                turn.set_result(None)
        self._arm()
