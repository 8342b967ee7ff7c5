"""What the tests of whole courses share."""

import pytest


@pytest.fixture(scope="session", autouse=True)
def quick_gradebooks(one_look_at_migrations):
    """Many tests here make a gradebook."""
