"""Permissions: what a state machine or a function needs, and the policies that allow it. Import from the submodules.

================  ====================================================================================================
module            content
================  ====================================================================================================
``grants``        From a row of the permission tables to the grants that one call needs.
``requirements``  From the walk over a definition to what each of its states needs.
``corrections``   What the author of a workflow adds to what was derived, and changes in it.
``settings``      What logging, tracing and encryption need.
``policy``        Policies: statements, merged from requirements, and split to fit the limits of IAM.
``role``          The execution role of a definition: its requirements and its policies.
``functions``     What the roles of functions need.
``compare``       What a given policy lacks for a role, and what it allows beyond.
================  ====================================================================================================

Nothing here writes text for people. :mod:`generator.checks.permissions` words the findings, the emitters and the commands
write the policies.
"""
