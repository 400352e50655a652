"""A learning rate over the steps of a training: formulas, recipes, changes, thinned rows. NumPy only."""
