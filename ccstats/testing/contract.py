"""The contract suite: what every adapter promises, as tests that a plugin inherits."""

from __future__ import annotations

from ccstats.testing.declaring import Declaring
from ccstats.testing.defining import Defining
from ccstats.testing.failing import Failing
from ccstats.testing.planning import Planning
from ccstats.testing.reading import ReadingIt


class AdapterContract(Declaring, Defining, Planning, ReadingIt, Failing):
    """Inherit from this in a test file, and set `adapter` and `face`; `Terms` says what else can be said.

    ```python
    class TestAcme(AdapterContract):
        adapter = adapter
        face = AcmeFace()
    ```

    The promises are the same for every vendor; what a vendor cannot do is declared in its table of abilities, and the
    suite holds the adapter to that: a declared ability without a value fails, and so does a value without a declared
    ability. Needs no account, no network beyond 127.0.0.1, and no time: it never sleeps.
    """
