"""The catalogue of the neutral metrics, and what is generated from it.

`CATALOG` is a mapping by metric name; a `Metric` carries unit, shape, additivity, definition, source and its Prometheus
name. Names are those of gaps and abilities, with `window` for any window.
"""

from ccstats.metrics.catalog import BY_CHANNEL, CATALOG, CONTEXT, TIME_PARTS, metric_of
from ccstats.metrics.describe import described
from ccstats.metrics.metric import Additivity, Metric, Shape, Unit

__all__ = [
    "BY_CHANNEL",
    "CATALOG",
    "CONTEXT",
    "TIME_PARTS",
    "Additivity",
    "Metric",
    "Shape",
    "Unit",
    "described",
    "metric_of",
]
