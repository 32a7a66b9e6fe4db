"""Taylor coefficients pushed forward through every operation."""
