"""What people have, taken over: definitions and workflows of the AWS Data Science SDK to Python, JSONPath to JSONata."""
