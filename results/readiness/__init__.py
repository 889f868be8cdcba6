"""Is INT8 worth it for a model? The seed's procedure, line by line; see docs/readiness.md."""
