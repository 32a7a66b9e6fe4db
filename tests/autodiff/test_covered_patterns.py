"""No function of those that are covered has a derivative where its pattern has no place."""

import numpy as np
import pytest
from covered import all_cases
from sparse_problems import flat

import autodiff
from autodiff.sparse.sparsity import jacobian_pattern

CASES = list({case.name: case for case in all_cases()}.values())


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_every_derivative_has_its_place(case):
    shapes = [np.shape(x) for x in case.operands]
    ends = np.cumsum([np.size(x) for x in case.operands])

    def f(v):
        parts = [v[end - np.prod(s, dtype=int) : end] for s, end in zip(shapes, ends, strict=True)]
        operands = [np.reshape(part, s) for part, s in zip(parts, shapes, strict=True)]
        found = case.call(*operands)
        if isinstance(found, (tuple, list)):
            return np.concatenate([np.reshape(part, (-1,)) for part in found])
        return found

    x = np.concatenate([np.ravel(operand) for operand in case.operands])
    dense = flat(autodiff.jacobian(f)(x), x)
    marked = jacobian_pattern(lambda v: [f(v)], x).toarray()
    assert (marked | (dense == 0)).all()
