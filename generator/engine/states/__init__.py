"""The states. Each is compiled once and shared by all executions.

``execute`` takes the frame of a branch and the input of the state, and returns the output and the next state. If ``plain`` is
false, it is a generator that can wait.
"""
