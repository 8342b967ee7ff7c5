"""Test the tester: mutants that must lose points, and variants that must not."""
