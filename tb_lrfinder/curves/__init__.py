"""A range test as numbers: its curve, when to stop it, what it says about the learning rate. NumPy only."""
