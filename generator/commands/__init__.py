"""The commands, one module each; :mod:`generator.cli` declares their options.

``definition`` is the one way to read a definition, ``report`` the one way to show diagnostics. A command returns its exit
code: 0 if nothing is wrong, 1 if its input has errors, 2 if the command was used wrongly.
"""
