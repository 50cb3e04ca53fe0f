"""The execution view."""
