"""The examples are wrong on purpose: they are no modules to collect doctests from."""

collect_ignore_glob = ["SFN*.py"]
