"""Genesys Cloud's answers to the neutral model: pure functions."""
