"""The Lambda functions of DOFS; the deployed layer holds this package with ``shared`` alone."""
