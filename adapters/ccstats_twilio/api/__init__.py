"""TaskRouter's wire: endpoints, bodies, errors. Nothing here does I/O."""
