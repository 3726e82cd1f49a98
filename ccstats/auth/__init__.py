"""Credentials on requests."""

from ccstats.auth.base import Auth, NoAuth, Signer
from ccstats.auth.basic import BasicAuth
from ccstats.auth.oauth import ClientCredentials, Token, TokenKeeper

__all__ = ["Auth", "BasicAuth", "ClientCredentials", "NoAuth", "Signer", "Token", "TokenKeeper"]
