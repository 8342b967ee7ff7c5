"""The parts of tinytorch: tensor, activations, layers, losses."""
