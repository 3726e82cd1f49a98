"""AWS Signature Version 4, by the vendor's own signer.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
"""

from collections.abc import Mapping

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from ccstats.clock import VendorClock
from yarl import URL

from ccstats_amazon_connect.config import ConnectOptions

STAMP = "%Y%m%dT%H%M%SZ"


def authorization(key: str, secret: str, region: str, request: AWSRequest, stamp: str) -> str:
    """The Authorization header of a request that has all its signed headers, as of `stamp`.

    `SigV4Auth.add_auth` would take this machine's clock, which AWS may not share, and log what it signs.
    """
    signer, request.context["timestamp"] = SigV4Auth(Credentials(key, secret), "connect", region), stamp
    signature = signer.signature(signer.string_to_sign(request, signer.canonical_request(request)), request)
    signed = signer.signed_headers(signer.headers_to_sign(request))
    return f"AWS4-HMAC-SHA256 Credential={signer.scope(request)}, SignedHeaders={signed}, Signature={signature}"


class Signed(dict[str, str]):
    """The headers of one request, and what they were made with: secrets, and how far the clock was off."""

    made_with: tuple[object, ...] = ()


class SigV4:
    """Signs requests to one instance; secrets that stand in files are read again after a refusal."""

    def __init__(self, options: ConnectOptions, clock: VendorClock) -> None:
        self._options = options
        self._clock = clock
        given = (options.secret_access_key, options.session_token)
        self._given = tuple(secret for secret in given if secret is not None)

    async def headers(self) -> Mapping[str, str]:
        """Nothing that all requests share."""
        return {}

    async def sign(self, method: str, url: URL, body: bytes) -> Mapping[str, str]:
        """The signature over this request, by AWS's time: five minutes off, and it is refused."""
        stamp, (secret, *token) = self._clock.now().strftime(STAMP), [secret.reveal() for secret in self._given]
        headers = Signed({"Content-Type": "application/json", "X-Amz-Date": stamp})
        headers.made_with = (secret, *token, self._clock.offset)
        if token:
            headers["X-Amz-Security-Token"] = token[0]
        request, options = AWSRequest(method, str(url), headers, body), self._options
        region = options.part("region")
        headers["Authorization"] = authorization(options.access_key_id, secret, region, request, stamp)
        return headers

    async def renew(self, refused: Mapping[str, str]) -> bool:
        """Whether the secrets are others by now, or the refusal's own Date has set the clock right."""
        fresh = (*[secret.fresh() for secret in self._given], self._clock.offset)
        return isinstance(refused, Signed) and refused.made_with != fresh
