"""Writing into what is being differentiated, by assignment, ``out=`` and ``+=``."""

from __future__ import annotations

import numpy as np
import pytest
from right_or_refused import right_or_refused

import autodiff
from autodiff import forward, reverse

MODULES = [forward, reverse, autodiff]
each = pytest.mark.parametrize("ad", MODULES, ids=lambda m: m.__name__)


def assigns_element(x):
    x[0] = 1.0


def assigns_slice(x):
    x[:] = 1.0


def assigns_into_plain_array(x):
    z = np.zeros(2)
    z[0] = x[0]
    return np.sum(z)


def assigns_all_of_plain_array(x):
    z = np.zeros(2)
    z[:] = x
    return np.sum(z)


def adds_to_element_of_plain_array(x):
    z = np.zeros(2)
    z[0] += x[0]
    return np.sum(z)


def adds_to_plain_array(x):
    z = np.zeros(2)
    z += x
    return np.sum(z)


REFUSED = [
    assigns_element,
    assigns_slice,
    assigns_into_plain_array,
    assigns_all_of_plain_array,
    adds_to_element_of_plain_array,
    adds_to_plain_array,
    lambda x: np.add(x, 1.0, out=np.empty(2)),
    lambda x: np.add(np.ones(2), 1.0, out=x),
    lambda x: np.sum(x, out=np.empty(())),
    lambda x: np.copyto(x, np.ones(2)),
    lambda x: np.copyto(np.empty(2), x),
    lambda x: np.put(x, [0], 1.0),
    lambda x: np.put(np.zeros(2), [0], x[0]),
    lambda x: np.add.at(x, [0], 1.0),
    lambda x: np.add.at(np.zeros(2), [0], x[0]),
    lambda x: np.place(np.zeros(2), [True, False], x),
    lambda x: np.fill_diagonal(np.zeros((2, 2)), x),
    lambda x: np.zeros(2).fill(x[0]),
    lambda x: x.fill(1.0),
    lambda x: x.sort(),
    lambda x: np.array([x[0], 1.0], float),
    lambda x: np.asarray(x, float),
    lambda x: np.fromiter((v for v in x), float),
    lambda x: memoryview(x),
]


@each
class TestWritingWhatIsDifferentiated:
    @pytest.mark.parametrize("f", REFUSED)
    def test_refused(self, ad, f):
        with pytest.raises((TypeError, ValueError, AttributeError)):
            ad.grad(f)(np.ones(2))

    def test_assignment_says_what_to_write(self, ad):
        with pytest.raises(TypeError, match=r"np\.where, np\.stack or np\.concatenate"):
            ad.grad(assigns_element)(np.ones(2))
        with pytest.raises(TypeError, match="use the returned value"):
            ad.grad(adds_to_plain_array)(np.ones(2))

    def test_running_totals_of_numbers(self, ad):
        def f(x):
            total = 0.0
            product = 1.0
            for v in x:
                total += v * v
                product *= v
                total -= v / 2
                total /= 1.0
            return total + product

        np.testing.assert_array_equal(ad.grad(f)(np.array([2.0, 3.0])), [6.5, 7.5])

    def test_a_number_keeps_its_value_when_its_other_name_moves_on(self, ad):
        def f(x):
            y = x
            y += 1.0
            return x * y

        assert ad.value_and_grad(f)(2.0) == (6.0, 5.0)

    def test_running_totals_of_arrays(self, ad):
        def f(x):
            h = x * 2.0
            h += 1.0
            h *= x
            return np.sum(h)

        right_or_refused(lambda: ad.grad(f)(np.array([2.0, 3.0])), [9, 13])

    def test_the_other_name_of_an_array(self, ad):
        def f(x):
            y = x
            y += 1.0
            return np.sum(x * y)  # NumPy has moved x as well: (x + 1)**2

        assert f(np.ones(2)) == 8
        right_or_refused(lambda: ad.value_and_grad(f)(np.ones(2))[0], 8)
        right_or_refused(lambda: ad.grad(f)(np.ones(2)), [4, 4])

    def test_the_other_name_in_a_list(self, ad):
        def f(x):
            rows = [x * 1.0] * 2
            rows[0] += 1.0
            return np.sum(rows[0] * rows[1])

        assert f(np.ones(2)) == 8
        right_or_refused(lambda: ad.grad(f)(np.ones(2)), [4, 4])

    @pytest.mark.parametrize(
        "view",
        [
            lambda y: y[:1],
            lambda y: y[::-1],
            lambda y: y.reshape(2, 1),
            lambda y: y.T,
            lambda y: np.ravel(y),
            lambda y: np.reshape(y, (1, 2)),
            lambda y: y[None],
            lambda y: np.squeeze(y),
        ],
    )
    def test_a_view_of_an_array(self, ad, view):
        def f(x):
            y = x * 1.0
            v = view(y)
            v += 1.0
            return np.sum(y * y)

        x = np.ones(2)
        right_or_refused(lambda: ad.value_and_grad(f)(x)[0], f(x))

    @pytest.mark.parametrize("view", [lambda y: y[:1], lambda y: y.reshape(2, 1)])
    def test_an_array_with_a_view(self, ad, view):
        def f(x):
            y = x * 1.0
            v = view(y)
            y += 1.0
            return np.sum(v * v)

        x = np.ones(2)
        right_or_refused(lambda: ad.value_and_grad(f)(x)[0], f(x))

    def test_the_argument_is_not_moved(self, ad):
        def f(x):
            x += 1.0
            x *= x
            return np.sum(x)

        x = np.ones(2)
        right_or_refused(lambda: ad.grad(f)(x), [4, 4])
        np.testing.assert_array_equal(x, np.ones(2))

    def test_object_arrays_hold_boxes(self, ad):
        def f(x):
            z = np.empty(2, object)
            z[0], z[1] = x[0] ** 2, 3 * x[1]
            total = np.sum(z * z)
            z[0] = 0.0  # recorded already
            return total

        np.testing.assert_array_equal(ad.grad(f)(np.array([2.0, 1.0])), [32, 18])
