"""Writes a new order to the orders table."""
