"""From JSONPath to JSONata, for a whole state machine, with proof.

``values`` follows the data of a state through its fields as a value that is not known yet; ``writing`` writes such a value as JSONata;
``intrinsics`` and ``rules`` convert calls of functions and rules of Choice states; ``machine`` converts states. ``inputs`` makes inputs
and answers of tasks; ``proof`` runs both versions on them and compares what happened.

Sources:
    https://docs.aws.amazon.com/step-functions/latest/dg/transforming-data.html
    https://docs.aws.amazon.com/step-functions/latest/dg/intrinsic-functions.html (each function with its form in JSONata)
"""
