"""What the tests share: ordinary modules, imported by their full names."""
