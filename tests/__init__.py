"""The tests. They mirror ``generator/`` and ``functions/``."""
