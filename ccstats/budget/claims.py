"""What each user of something shared has asked of it."""

from __future__ import annotations

from typing import Generic, TypeVar

T = TypeVar("T")


class Claims(Generic[T]):
    """Claims by user. Who leaves takes theirs along; those of the last one hold until somebody else comes."""

    def __init__(self) -> None:
        self._by_user: dict[object, list[T]] = {}
        self._gone: set[object] = set()

    def add(self, user: object, claim: T) -> bool:
        """`user` asks for this; whether that is news."""
        news = bool(self._gone)
        for gone in self._gone:
            del self._by_user[gone]
        self._gone.clear()
        claims = self._by_user.setdefault(user, [])
        if claim in claims:
            return news
        claims.append(claim)
        return True

    def leave(self, user: object) -> bool:
        """`user` is done; whether that changes what is asked for."""
        if user not in self._by_user or user in self._gone:
            return False
        if len(self._by_user) - len(self._gone) == 1:
            self._gone.add(user)
            return False
        del self._by_user[user]
        return True

    def all(self) -> list[T]:
        """What everybody asks for."""
        return [claim for claims in self._by_user.values() for claim in claims]
