"""The calls that Task states make: mocks, functions, activities, services, state machines, HTTP endpoints."""
