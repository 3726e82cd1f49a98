"""Several workers that share the polling, and readers of what they have read: see docs/operating.md."""
