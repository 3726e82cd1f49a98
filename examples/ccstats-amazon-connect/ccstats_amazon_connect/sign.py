"""AWS Signature Version 4, by the vendor's own signer.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
"""

from datetime import datetime

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from ccstats.auth import SigningAuth
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


class SigV4(SigningAuth):
    """Signs requests to one instance by AWS's time: five minutes off, and a request is refused."""

    def __init__(self, options: ConnectOptions, clock: VendorClock) -> None:
        super().__init__(clock, options.secret_access_key, options.session_token)
        self._key, self._region = options.access_key_id, options.part("region")

    def signature(self, method: str, url: URL, body: bytes, at: datetime, *secrets: str) -> dict[str, str]:
        """All headers of this request, the signature over them among them."""
        stamp, (secret, *token) = at.strftime(STAMP), secrets
        headers = {"Content-Type": "application/json", "X-Amz-Date": stamp}
        headers |= {"X-Amz-Security-Token": token[0]} if token else {}
        request = AWSRequest(method, str(url), headers, body)
        headers["Authorization"] = authorization(self._key, secret, self._region, request, stamp)
        return headers
