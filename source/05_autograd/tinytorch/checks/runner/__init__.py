"""The part of the grader that runs one case on your objects: copied, so that both agree."""
