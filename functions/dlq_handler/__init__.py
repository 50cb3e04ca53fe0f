"""Records orders that could not be fulfilled."""
