"""A complete hand-in without closures: each value keeps its operands and the slopes towards them."""


class Value:
    def __init__(self, data, parents=()):
        self.data = float(data)
        self.parents = parents
        self.grad = 0

    def __add__(self, other):
        other = value(other)
        return Value(self.data + other.data, [(self, 1), (other, 1)])

    def __mul__(self, other):
        other = value(other)
        return Value(self.data * other.data, [(self, other.data), (other, self.data)])

    def __truediv__(self, other):
        other = value(other)
        slopes = [(self, 1 / other.data), (other, -self.data / other.data**2)]
        return Value(self.data / other.data, slopes)

    def __pow__(self, n):
        return Value(self.data**n, [(self, n * self.data ** (n - 1))])

    def relu(self):
        return Value(self.data if self.data > 0 else 0, [(self, 1 if self.data > 0 else 0)])

    def __neg__(self):
        return Value(-self.data, [(self, -1)])

    def __sub__(self, other):
        return self + -value(other)

    def __radd__(self, other):
        return value(other) + self

    def __rmul__(self, other):
        return value(other) * self

    def __rsub__(self, other):
        return value(other) - self

    def __rtruediv__(self, other):
        return value(other) / self

    def backward(self, gradient=1.0):
        """Hand each contribution on by itself."""
        self.grad += gradient
        for parent, slope in self.parents:
            parent.backward(gradient * slope)


def value(x):
    return x if isinstance(x, Value) else Value(x)
