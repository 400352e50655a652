"""Traces written into event files, and read out of them."""
