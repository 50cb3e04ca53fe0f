"""Business rules of an order."""
