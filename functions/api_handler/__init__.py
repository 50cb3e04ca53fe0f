"""The API: accepts orders and tells their status."""
