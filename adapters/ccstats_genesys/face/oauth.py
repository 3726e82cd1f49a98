"""The login host: client credentials in, bearer tokens out.

https://github.com/MyPureCloud/quick-hits-python/blob/master/authorization/oauth-client-credentials.py
"""

from base64 import b64decode
from datetime import datetime, timedelta
from hmac import compare_digest

from aiohttp import web

from ccstats.simulator.face import World
from ccstats_genesys.face.errors import ApiError
from ccstats_genesys.face.ids import client_id, client_secret


class OAuthError(Exception):
    """A refusal in OAuth's own shape, RFC 6749 section 5.2."""

    def __init__(self, status: int, error: str, description: str) -> None:
        super().__init__(description)
        self.status = status
        self.body = {"error": error, "description": description, "error_description": description}


class Tokens:
    """The tokens in circulation; they run out by the world's clock."""

    def __init__(self, world: World, lifetime_s: float) -> None:
        """Start with none."""
        self._world = world
        self._lifetime = timedelta(seconds=lifetime_s)
        self._issued = 0
        self._ends: dict[str, datetime] = {}

    async def grant(self, request: web.Request, now: datetime) -> dict[str, object]:
        """Return the answer to a token request, with a token that nobody had before."""
        if not self._known_client(request.headers.get("Authorization", "")):
            raise OAuthError(401, "invalid_client", "client not found or wrong client authentication")
        if request.content_type != "application/x-www-form-urlencoded":
            raise OAuthError(400, "invalid_request", "the request has to be a form")
        form = await request.post()
        if form.get("grant_type") != "client_credentials":
            raise OAuthError(400, "unsupported_grant_type", "only client_credentials is served here")
        self._issued += 1
        token = self._world.credential(f"genesys:token:{self._issued}", 64)
        self._ends = {known: end for known, end in self._ends.items() if end > now}
        self._ends[token] = now + self._lifetime
        return {
            "access_token": token,
            "token_type": "bearer",
            "expires_in": int(self._lifetime.total_seconds()),
        }

    def check(self, authorization: str | None, now: datetime) -> str:
        """Return the token of a request, which has to be in force."""
        scheme, _, token = (authorization or "").partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise ApiError(
                401,
                "authentication.required",
                "No authentication bearer token specified in authorization header.",
            )
        end = self._ends.get(token)
        if end is None or end <= now:
            raise ApiError(401, "bad.credentials", "Invalid login credentials.")
        return token

    def _known_client(self, authorization: str) -> bool:
        scheme, _, encoded = authorization.partition(" ")
        try:
            given = b64decode(encoded, validate=True)
        except ValueError:
            return False
        expected = f"{client_id(self._world)}:{client_secret(self._world)}"
        return scheme.lower() == "basic" and compare_digest(given, expected.encode())
