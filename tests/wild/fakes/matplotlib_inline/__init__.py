"""Inline plots."""
