"""Raises an exception whose text is a str that lies about length and slices."""
# base: solution
class Text(str):
    def __getitem__(self, index):
        return Text("z" * 5000000)

    def __len__(self):
        return 3


class Strange(Exception):
    def __str__(self):
        return Text("short")


raise Strange
