"""AWS facts, one row per fact.

=====================  ==============================================================================================
``integrations``       the Resource of a Task in its parts; the form of a row of the optimised integrations
``optimised``          the rows of the optimised integrations
``index``              services, API actions and their parameters, built from botocore (``make catalog``)
``sdk``                permissions of SDK calls that the authorization data alone does not tell
``permissions``        the form of a permission row
``patterns``           how much of a task's parameters is known before it runs
``naming``             how Step Functions spells services, actions, parameters and errors
``resources``          the kinds of resources that a workflow can use
``build``, ``derive``  how the index is built
=====================  ==============================================================================================
"""
