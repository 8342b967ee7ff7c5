"""google.colab, of which every name answers."""

from pathlib import Path

from anything import anything


def __getattr__(name):
    if name.startswith("__"):
        raise AttributeError(name)
    return anything()


class files:
    """Uploads nothing."""

    @staticmethod
    def upload():
        return {}

    @staticmethod
    def download(name):
        Path(name).read_bytes()


class userdata:
    """Holds no secret."""

    @staticmethod
    def get(_name):
        return "secret"
