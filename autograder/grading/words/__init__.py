"""The words of a diagnosis: from data to sentences, the last step. No point depends on them.

Every text is composed here. Exceptions, names of classes and all other text from the sandbox may
hold hidden inputs: none of it is repeated, but names that stand in the submission's own text.
"""
