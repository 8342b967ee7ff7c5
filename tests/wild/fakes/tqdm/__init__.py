"""tqdm, without a bar."""


class tqdm:
    """Hands its items on."""

    def __init__(self, items=(), **_):
        self.items = items

    def __iter__(self):
        return iter(self.items)

    def __enter__(self):
        return self

    def __exit__(self, *details):
        return None

    def update(self, n=1): ...

    def set_postfix(self, **_): ...

    def set_description(self, text): ...

    @staticmethod
    def write(text): ...


def trange(*bounds, **_):
    return tqdm(range(*bounds))
