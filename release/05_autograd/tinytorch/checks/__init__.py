"""Checks of your work, for the notebook: check("mul"), or check() for an overview.

They try a few public cases: small inputs with known gradients. Your points come from hidden cases
of the same rules.
"""

from .session import CheckFailed, check

__all__ = ["CheckFailed", "check"]
