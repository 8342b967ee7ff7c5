"""What IPython configures when it switches inline plots on."""

from traitlets.config import SingletonConfigurable


class InlineBackend(SingletonConfigurable):
    """No settings."""
