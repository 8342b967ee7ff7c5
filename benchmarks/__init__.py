"""Measurements: how fast, how large, and where the time goes. ``benchmarks/README.md`` says how."""
