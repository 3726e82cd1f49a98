"""What a budget knows of the other programs that spend its limit, too."""

from __future__ import annotations

from typing import Protocol


class Others(Protocol):
    """The other programs."""

    refused_at: float
    """When they were last found to have spent the limit; a moment of the loop's clock."""

    async def ask(self) -> bool:
        """Whether one request may leave; where not, the budget grants nothing until it makes sense to ask again."""
        ...

    def tell(self, seconds: float) -> None:
        """The vendor wants nothing for so many seconds. Waits for nobody."""
        ...
