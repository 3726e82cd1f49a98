"""Genesys Cloud's wire: endpoints, queries, bodies, errors. Nothing here does I/O."""
