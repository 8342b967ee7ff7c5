"""A small neural network library: tensors, activations, layers and losses.

This version computes forward only. The module 05_autograd adds gradients.
"""
