"""Lowering to the array API standard: one source for NumPy, torch, CuPy, JAX and Dask."""

from compare.lower.array_api.module import ArrayModule, array_api_module

__all__ = ["ArrayModule", "array_api_module"]
