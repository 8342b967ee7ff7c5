"""The trusted side of the sandbox: start it, hand it jobs, limit it, read what comes out."""
