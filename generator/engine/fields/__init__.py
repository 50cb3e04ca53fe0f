"""The fields of states, compiled into functions.

A compiled field is called with the :class:`~generator.engine.frame.Frame` of the branch and with a document: the value of
``$`` in JSONPath, the value of ``$states`` in JSONata. Parts of a template without expressions are shared, never copied. This
is safe because no part of the engine changes a JSON value in place.
"""
