"""The execution view: what an execution did, as one HTML file that can be mailed, or as the page of the local stack.

A history becomes a :class:`~generator.view.recording.Recording`, whose data :mod:`generator.view.data` prepares for the page, and
:mod:`generator.view.page` puts the data, the style sheet and the scripts in ``static/`` into one file. The scripts are ES modules
without anything of others; the page loads nothing.
"""
