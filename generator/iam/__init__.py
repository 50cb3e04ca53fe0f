"""Permissions: what a definition and a function need, the policies that allow it, and how a given policy compares.

The way goes from ``requirements`` (each permission with the state that needs it, made by ``grants`` from the rows of the
catalogue) and ``settings`` (logging, tracing, encryption) over ``policy`` (merged statements) to ``role`` (the policies to
deploy). ``functions`` does the same for the roles of functions, ``compare`` reads a given policy.
"""
