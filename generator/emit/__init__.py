"""Artifacts: what a checked definition becomes, as text by file name."""
