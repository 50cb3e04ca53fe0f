"""Tools around the engine: the single-state test, coverage, and the pytest plugin."""
