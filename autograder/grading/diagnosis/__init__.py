"""Why a check does not pass: three independent lines of evidence, and words that say how sure.

``misconceptions`` and ``engines`` are wrong formulas and wrong engines, run on the reference
(``predict``) on the very inputs of a case. ``trace`` judges each application of a rule by itself.
``facts`` are what arrays show without any theory. ``findings`` weighs them.
"""
