"""Fulfils queued orders."""
