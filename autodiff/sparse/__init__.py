"""Sparse Jacobians and Hessians: patterns, colourings and the sweeps between them."""
