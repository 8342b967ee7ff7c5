"""The class at a glance: figures of all results, as text, JSON and one page."""
