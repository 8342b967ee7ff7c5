"""Judge what came out of the sandbox: expected values, comparison, points, words."""
