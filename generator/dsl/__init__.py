"""The vocabulary of authors: states, transitions, expressions and resources, as values that remember their place in the source."""
