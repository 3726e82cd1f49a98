"""Credentials on requests."""

from ccstats.auth.base import Auth, NoAuth, Signer
from ccstats.auth.basic import BasicAuth
from ccstats.auth.oauth import ClientCredentials, Token, TokenKeeper
from ccstats.auth.signing import SigningAuth, strict_query

__all__ = [
    "Auth",
    "BasicAuth",
    "ClientCredentials",
    "NoAuth",
    "Signer",
    "SigningAuth",
    "Token",
    "TokenKeeper",
    "strict_query",
]
