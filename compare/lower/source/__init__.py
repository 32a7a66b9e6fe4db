"""Programs of NumPy as syntax trees: statements, functions that they need, and their text."""
