"""The local stack: the deployed system on a laptop."""
