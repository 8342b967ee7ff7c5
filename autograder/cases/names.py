"""Operations of programs, and the classes of the assignment that hold their gradient rules."""

from __future__ import annotations

RULE_OF = {
    "add": "AddBackward", "sub": "SubBackward", "mul": "MulBackward", "div": "DivBackward",
    "matmul": "MatmulBackward", "sum": "SumBackward", "mean": "MeanBackward", "pow": "PowBackward",
    "relu": "ReLUBackward", "sigmoid": "SigmoidBackward", "mse": "MSEBackward",
    "cross_entropy": "CrossEntropyBackward", "neg": "NegBackward",
    "transpose": "TransposeBackward", "reshape": "ReshapeBackward", "softmax": "SoftmaxBackward",
    "gelu": "GELUBackward", "bce": "BCEBackward", "getitem": "SliceBackward",
}  # fmt: skip
OPERATION_OF = {rule: op for op, rule in RULE_OF.items()}
