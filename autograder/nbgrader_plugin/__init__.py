"""What nbgrader runs of ours, where a course's ``nbgrader_config.py`` names it.

nbgrader lets an exporter be configured for each of its steps. Ours convert nothing: they let
``autograder`` do the step, and hand nbgrader the file that came of it.
"""
