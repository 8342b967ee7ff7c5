"""A @ B: C = A B has <G, dA B> = <G B^T, dA> and <G, A dB> = <A^T G, dB>.

See section 2.2.2 of Giles (2008), NA-08/01, Oxford.
"""

import numpy as np

from reference import Floats, ForgetsIncoming, Mistake, Operation, Run


def as_matrices(g: Floats, a: Floats, b: Floats) -> tuple[Floats, Floats, Floats]:
    """Read a vector as one column on the right, one row on the left, as NumPy's matmul does."""
    if b.ndim == 1:
        g, b = g[..., np.newaxis], b[:, np.newaxis]
    if a.ndim == 1:
        g, a = np.expand_dims(g, -2), a[np.newaxis, :]
    return g, a, b


def for_a(g: Floats, out: Floats, a: Floats, b: Floats) -> Floats:
    """G B^T."""
    g_matrix, _, b_matrix = as_matrices(g, a, b)
    da: Floats = g_matrix @ np.swapaxes(b_matrix, -1, -2)
    return da[..., 0, :] if a.ndim == 1 else da


def for_b(g: Floats, out: Floats, a: Floats, b: Floats) -> Floats:
    """A^T G."""
    g_matrix, a_matrix, _ = as_matrices(g, a, b)
    db: Floats = np.swapaxes(a_matrix, -1, -2) @ g_matrix
    return db[..., 0] if b.ndim == 1 else db


# The wrong ones.


def last_two(a: Floats) -> Floats:
    """Transpose each matrix."""
    return np.swapaxes(a, -1, -2)


def turned_for_a(g: Floats, out: Floats, a: Floats, b: Floats) -> Floats:
    """Turn all axes of B around."""
    product: Floats = g @ b.T
    return product


def turned_for_b(g: Floats, out: Floats, a: Floats, b: Floats) -> Floats:
    """Turn all axes of A around."""
    product: Floats = a.T @ g
    return product


def first_of_batch(gradient: Floats, shape: tuple[int, ...]) -> Floats:
    """Keep one matrix of a batch."""
    kept: Floats = gradient[(0,) * max(0, gradient.ndim - len(shape))]
    return kept


def first_for_a(g: Floats, out: Floats, a: Floats, b: Floats) -> Floats:
    """Keep one of the gradients of A."""
    return first_of_batch(for_a(g, out, a, b), a.shape)


def first_for_b(g: Floats, out: Floats, a: Floats, b: Floats) -> Floats:
    """Keep one of the gradients of B."""
    return first_of_batch(for_b(g, out, a, b), b.shape)


def elementwise_for_a(g: Floats, out: Floats, a: Floats, b: Floats) -> Floats:
    """Multiply G and B^T number by number."""
    product: Floats = g * last_two(b)
    return product


def elementwise_for_b(g: Floats, out: Floats, a: Floats, b: Floats) -> Floats:
    """Multiply A^T and G number by number."""
    product: Floats = last_two(a) * g
    return product


ELEMENTWISE = "MatmulBackward multiplies element by element, with * for @"
ELEMENTWISE_HINT = "Which sign multiplies matrices, and which one number by number?"
TURNED = "MatmulBackward turns all axes around, as .T does, not the last two"
TURNED_HINT = "Which two axes make up one matrix of the batch?"
NOT_SUMMED = "MatmulBackward keeps one matrix of a broadcast batch instead of their sum"
NOT_SUMMED_HINT = (
    "The one matrix took part in every product of the batch. What does that mean for it?"
)

OPERATION = Operation(
    name="matmul",
    rule="MatmulBackward",
    words=("matmul", "matrixmultiply", "matrixmul", "matmult", "mm", "dot"),
    forward=lambda a, b: a @ b,
    gradient=(for_a, for_b),
    domain=("normal", "normal"),
    run=Run(operator="matmul", method="matmul"),
    example=(((1.5, 2.5), (0.5, 2.0)), ((1.5, 2.5), (0.5, 2.0))),
    example_options={"form": "method"},
    label="matmul",
    written="A @ B",
    sign="@",
    checks=("matmul", "matmul-batched", "matmul-broadcast"),
    also_tested=("matmul-vectors",),
    mistakes=(
        Mistake(
            "matmul-no-transpose",
            "MatmulBackward does not transpose at all",
            "On a square matrix every order has the right shape. Check yours with (2, 3) @ (3, 4).",
            (lambda g, out, a, b: g @ b, lambda g, out, a, b: a @ g),
        ),
        Mistake(
            "matmul-untransposed",
            "MatmulBackward does not transpose B",
            "To A goes a product of G and B: which shapes fit?",
            (lambda g, out, a, b: g @ b,),
        ),
        Mistake(
            "matmul-no-transpose-b",
            "MatmulBackward does not transpose A",
            "To B goes a product of A and G: which shapes fit?",
            (for_a, lambda g, out, a, b: a @ g),
        ),
        Mistake(
            "matmul-swapped",
            "MatmulBackward has the factors in the other order",
            "Matrix products do not commute: which factor stands on the left?",
            (lambda g, out, a, b: last_two(b) @ g, lambda g, out, a, b: g @ last_two(a)),
        ),
        Mistake(
            "matmul-elementwise",
            "MatmulBackward multiplies element by element",
            "a·b and A @ B have different rules: G is multiplied by a matrix here.",
            (lambda g, out, a, b: g * b, lambda g, out, a, b: g * a),
        ),
        Mistake(
            "matmul-transposed-b",
            "MatmulBackward hands B its gradient transposed",
            "Which shape does B have, and which one does your product have?",
            (for_a, lambda g, out, a, b: last_two(g) @ a),
        ),
        Mistake(
            "matmul-transposed-a",
            "MatmulBackward hands A its gradient transposed",
            "Which shape does A have, and which one does your product have?",
            (lambda g, out, a, b: b @ last_two(g),),
        ),
        Mistake("matmul-transpose-all", TURNED, TURNED_HINT, (turned_for_a, turned_for_b)),
        Mistake("matmul-transpose-all-a", TURNED, TURNED_HINT, (turned_for_a,)),
        Mistake("matmul-transpose-all-b", TURNED, TURNED_HINT, (for_a, turned_for_b)),
        Mistake("matmul-batch-not-summed", NOT_SUMMED, NOT_SUMMED_HINT, (first_for_a, first_for_b)),
        Mistake("matmul-batch-not-summed-a", NOT_SUMMED, NOT_SUMMED_HINT, (first_for_a,)),
        Mistake("matmul-batch-not-summed-b", NOT_SUMMED, NOT_SUMMED_HINT, (for_a, first_for_b)),
        Mistake(
            "matmul-star",
            ELEMENTWISE,
            ELEMENTWISE_HINT,
            (elementwise_for_a, elementwise_for_b),
        ),
        Mistake("matmul-star-a", ELEMENTWISE, ELEMENTWISE_HINT, (elementwise_for_a,)),
        Mistake("matmul-star-b", ELEMENTWISE, ELEMENTWISE_HINT, (for_a, elementwise_for_b)),
        ForgetsIncoming(),
    ),
)
