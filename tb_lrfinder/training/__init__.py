"""Everything that happens inside `fit`."""
