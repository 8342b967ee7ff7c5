"""dotenv, which finds no file."""


def load_dotenv():
    return False
