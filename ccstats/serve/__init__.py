"""Numbers over HTTP, for people and for their tools: an API, a stream of changes, a wallboard."""

from ccstats.serve.server import check, serving

__all__ = ["check", "serving"]
