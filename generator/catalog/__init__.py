"""Facts about AWS, one row per fact. Import from the submodules: this package loads nothing by itself.

=====================  =============================================================================================
module                 facts
=====================  =============================================================================================
``integrations``       The ``Resource`` of a Task: its parts, the integration patterns, the partitions.
``optimised``          The optimised integrations, one row each: patterns, API action, error names, polling, permissions.
``index``              The AWS SDK integrations: services, API actions, parameters, results, errors, IAM actions.
``naming``             How Step Functions writes the names of services, actions, parameters and errors.
``sdk``                What the API models lack about AWS SDK integrations: permissions, actions that cannot be called.
``permissions``        The form of a row of permissions.
``arns``               ARNs: their full form, the types of resources, which pattern covers which.
``athena``, ``calls``  What calls need beside the permission of their name: sub-resources in their parameters.
``constants``          What is certain about the value of a JSONata expression.
``patterns``           The parameters of a task, as far as they are known before it runs.
``resources``          The kinds of resources that a workflow can use.
``build``, ``derive``  Write the file that ``index`` reads (``make catalog``).
=====================  =============================================================================================
"""
