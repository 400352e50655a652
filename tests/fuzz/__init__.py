"""Fuzzers: whatever lies in a log directory, comes in a request or is given to a writer.

`pytest` runs each with fixed seeds, `python -m tests.fuzz` with random ones for as long as wanted.
"""
