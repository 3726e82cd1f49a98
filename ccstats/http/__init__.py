"""The HTTP kit: an offer to adapters, not a duty."""

from ccstats.http.client import HttpClient, Line, http_session
from ccstats.http.exchange import Allowance, Answer, Permit, Request, Traffic
from ccstats.http.faults import Dialect, JsonDialect, fault, retry_after
from ccstats.http.guard import Guard
from ccstats.http.retry import RetryPolicy

__all__ = [
    "Allowance",
    "Answer",
    "Dialect",
    "Guard",
    "HttpClient",
    "JsonDialect",
    "Line",
    "Permit",
    "Request",
    "RetryPolicy",
    "Traffic",
    "fault",
    "http_session",
    "retry_after",
]
