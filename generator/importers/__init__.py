"""From what people have: definitions in ASL, alone or inside templates, and workflows of the AWS Data Science SDK become Python.

The package ``jsonata`` converts definitions from JSONPath to JSONata.
"""
