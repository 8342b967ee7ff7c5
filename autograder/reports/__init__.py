"""Pure functions from a result to text, JSON or XML."""
