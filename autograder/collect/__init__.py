"""From whatever layout submissions come in to ``submitted/``; all of it is accounted for."""
