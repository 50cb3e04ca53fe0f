"""What authors write: states, transitions, expressions and resources, as values that know where they were written."""
