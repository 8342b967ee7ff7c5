"""MSELoss: d mean((p - t)^2) = 2 mean((p - t) (dp - dt))."""

import numpy as np

from reference import ForgetsIncoming, Mistake, Operation, Run

OPERATION = Operation(
    name="mse",
    rule="MSEBackward",
    spellings=("MSELossBackward",),
    words=("mse", "mseloss"),
    forward=lambda prediction, target: np.mean((prediction - target) ** 2),
    gradient=(
        lambda g, out, p, t: g * 2 * (p - t) / np.broadcast(p, t).size,
        lambda g, out, p, t: g * 2 * (t - p) / np.broadcast(p, t).size,
    ),
    domain=("normal", "normal"),
    run=Run(made="MSELoss"),
    example=((0.5, 0.25), (0.75, 0.5)),
    label="MSELoss",
    written="MSELoss",
    checks=("mse",),
    mistakes=(
        Mistake(
            "mse-rows",
            "MSEBackward divides by the number of rows",
            "The mean runs over all elements.",
            (lambda g, out, p, t: g * 2 * (p - t) / p.shape[0],),
        ),
        Mistake(
            "mse-no-two",
            "MSEBackward forgets the factor 2",
            "What is the slope of (p − t)²?",
            (lambda g, out, p, t: g * (p - t) / p.size,),
        ),
        Mistake(
            "mse-no-mean",
            "MSEBackward forgets the division by N",
            "One prediction moves the mean by a share only.",
            (lambda g, out, p, t: g * 2 * (p - t),),
        ),
        Mistake(
            "mse-sign",
            "MSEBackward has t − p in place of p − t",
            "If p is too large, does the loss grow or shrink when p grows?",
            (lambda g, out, p, t: g * 2 * (t - p) / p.size,),
        ),
        ForgetsIncoming(),
    ),
)
