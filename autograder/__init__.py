"""Release and grade the autograd module of a build-your-own-framework course."""

__version__ = "0.1.0"
