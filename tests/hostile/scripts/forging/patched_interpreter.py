"""Replaces the guest's operations, so that every step returns an input unchanged."""
import sys

interpreter = sys.modules["guest.interpreter"]
for name in list(interpreter.OPERATIONS):
    interpreter.OPERATIONS[name] = lambda student, args, options: args[0] if args else None
for name in list(interpreter.BINARY):
    interpreter.BINARY[name] = lambda left, right: left
interpreter._read = lambda value, options: sys.modules["numpy"].ones(())
interpreter._depth = lambda: 0
