"""What grading and the student's own checks share: what is seen in a case, and the words for it.

Standard library and NumPy only. The handout receives these modules byte for byte, and nothing here
knows a gradient rule.
"""
