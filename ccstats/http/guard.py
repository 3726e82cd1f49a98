"""What the requests of one credential have in common when they fail: how often one is repeated, when none is sent.

The retry quota: a repetition costs one, every answer earns a tenth. So where nothing is answered, repetitions end after
ten, however many requests fail. (The idea is botocore's: retries are no use to a vendor that is down.)

The circuit: where half of at least five requests of the last half minute failed for good, none is sent for 10 s, then
one as a probe; twice as long each time it fails, up to a minute. A refused secret shuts it at once, for a minute and up
to a quarter of an hour. Whoever comes while the probe is out waits for what it finds.
"""

from __future__ import annotations

import asyncio
import math
from collections import deque

from ccstats.errors import AuthError, Origin, RateLimitedError, TransientError, UnavailableError, VendorError
from ccstats.http.retry import PASSING_STATUSES

RETRIES = 10.0
EARNED = 0.1
STEP, STEPS = 10.0, 3
"""The last half minute, counted in steps of 10 s."""
FEWEST, SHARE = 5, 0.5
FIRST_PAUSE, LONGEST_PAUSE = 10.0, 60.0
FIRST_PARKING, LONGEST_PARKING = 60.0, 900.0
SLOW = 5.0
"""Seconds after which a request that its caller gives up counts as failed."""


class Guard:
    """One per credential and host, shared by every source that uses it. `shut` is all that a good day looks at."""

    def __init__(self, key: str = "") -> None:
        self.key = key
        self.shut = False
        self._retries = RETRIES
        self._step = [0, 0]
        self._steps: deque[list[int]] = deque([self._step], maxlen=STEPS)
        self._step_ends = -math.inf
        self._until = -math.inf
        self._cause: VendorError | None = None
        self._pause, self._parking = FIRST_PAUSE, FIRST_PARKING
        self._probe: asyncio.Future[None] | None = None

    def __repr__(self) -> str:
        return f"<Guard {self.key}: {'shut' if self.shut else 'open'}, {self._retries:.1f} retries left>"

    async def enter(self) -> bool:
        """Before a request while shut: raises why it is not sent; true where this request is the probe."""
        loop = asyncio.get_running_loop()
        while self.shut:
            if loop.time() < self._until:
                raise self._refusal(self._until - loop.time())
            if self._probe is None:
                self._probe = loop.create_future()
                return True
            await asyncio.wait([self._probe])
        return False

    def retries(self) -> bool:
        """Whether a request may be sent once more; spends the quota."""
        if self._retries < 1.0:
            return False
        self._retries -= 1.0
        return True

    def answered(self, now: float | None = None) -> None:
        """The vendor answered as it should: the credential is good and somebody is there. `now` by the loop's clock."""
        if now is None:
            now = asyncio.get_running_loop().time()
        if now >= self._step_ends:
            self._turn(now)
        self._step[0] += 1
        if self._retries < RETRIES:
            self._retries = min(self._retries + EARNED, RETRIES)
        if self.shut:
            self._open()

    def failed(self, error: VendorError, *, probe: bool = False) -> None:
        """A request failed for good. Only faults of the vendor as a whole, and refused secrets, are held against it."""
        if isinstance(error, AuthError) and error.renewable:
            error.retry_after = self._shut_for(error, probe=probe)
        elif _down(error):
            self._count(1)
            calls, failures = map(sum, zip(*self._steps, strict=True))
            if probe or (calls >= FEWEST and failures >= SHARE * calls):
                self._shut_for(error, probe=probe)
        else:  # a refusal of this one request; a spent limit has a pause of its own
            self._count(0)
            if self.shut:
                self._open()

    def given_up(self, seconds: float, *, probe: bool = False) -> None:
        """The caller stopped waiting for an answer after so many seconds, or before anything was sent (0)."""
        if seconds >= SLOW:
            self.failed(UnavailableError(f"no answer within {seconds:.0f} s"), probe=probe)
        elif probe:
            self._settle()

    def forgive(self) -> None:
        """Something has changed (a configuration was read again): the next request may try."""
        self._until = -math.inf

    def _count(self, failures: int) -> None:
        now = asyncio.get_running_loop().time()
        if now >= self._step_ends:
            self._turn(now)
        self._step[0] += 1
        self._step[1] += failures

    def _turn(self, now: float) -> None:
        """Begin the step that `now` is in; what is older than the last steps is forgotten."""
        passed = math.floor((now - self._step_ends) / STEP) + 1 if self._step_ends > -math.inf else STEPS
        self._steps.extend([0, 0] for _ in range(min(passed, STEPS)))
        self._step = self._steps[-1]
        self._step_ends = now - (now - self._step_ends) % STEP + STEP if passed < STEPS else now + STEP

    def _shut_for(self, error: VendorError, *, probe: bool) -> float:
        """Shut, or stay so; for how many seconds from now."""
        now = asyncio.get_running_loop().time()
        if probe or not self.shut:  # what was under way when it was shut makes it no longer
            if isinstance(error, AuthError):
                period, self._parking = self._parking, min(self._parking * 2, LONGEST_PARKING)
            else:
                period, self._pause = self._pause, min(self._pause * 2, LONGEST_PAUSE)
            self.shut, self._until, self._cause = True, now + period, error
        if probe:
            self._settle()
        return max(self._until - now, 0.0)

    def _open(self) -> None:
        self.shut, self._until, self._cause = False, -math.inf, None
        self._pause, self._parking = FIRST_PAUSE, FIRST_PARKING
        self._step = [0, 0]
        self._steps.clear()
        self._steps.append(self._step)
        self._settle()

    def _settle(self) -> None:
        """The probe is back: whoever waited for it may look again."""
        probe, self._probe = self._probe, None
        if probe is not None:
            probe.set_result(None)

    def _refusal(self, seconds: float) -> VendorError:
        """The same words every time: an error that counted down would be news at every poll."""
        cause = self._cause
        message = f"not sent: {cause.message if cause is not None else 'the last requests failed'}"
        origin = Origin(vendor=cause.origin.vendor) if cause is not None else None
        if isinstance(cause, AuthError):
            refusal = AuthError(message, origin=origin)
            refusal.retry_after = seconds
            return refusal
        return UnavailableError(message, origin=origin)


def _down(error: VendorError) -> bool:
    """Whether an error says something of the vendor as a whole. A 500 may be the request's own fault."""
    if not isinstance(error, TransientError) or isinstance(error, RateLimitedError):
        return False
    return error.origin.status is None or error.origin.status in PASSING_STATUSES
