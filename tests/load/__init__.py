"""Load on the local stack, outside the default suite: ``make load``."""
