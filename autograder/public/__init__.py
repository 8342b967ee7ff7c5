"""Public cases: what a student's own machine needs to check, written as data.

Runs on the instructor's side only. The handout receives inputs, expected arrays and what likely
mistakes would give on the same inputs, and no formula.
"""
