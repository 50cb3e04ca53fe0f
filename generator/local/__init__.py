"""The laptop stand-in for the deployed system."""
