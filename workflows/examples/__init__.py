"""Small workflows, each showing one pattern of real life."""
