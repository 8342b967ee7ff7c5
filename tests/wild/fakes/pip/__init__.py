"""Installs nothing."""
