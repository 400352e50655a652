"""Traces on their way into event files, and out of them again."""
