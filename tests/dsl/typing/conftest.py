"""The samples are read by type checkers, and never imported: one of them is wrong on each line."""

collect_ignore = ["invalid.py", "valid.py"]
