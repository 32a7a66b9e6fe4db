"""Forward and reverse rules of the array operations, and the partials of special functions."""
