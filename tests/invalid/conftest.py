"""The examples are invalid on purpose: doctests are not collected from them."""

collect_ignore_glob = ["SFN*.py"]
