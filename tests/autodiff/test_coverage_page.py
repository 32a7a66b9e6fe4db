"""The page of what is covered is up to date, and leaves out no function of NumPy's."""

import importlib.util

import numpy as np
import pytest
from covered import all_cases
from project import ROOT

from autodiff import grad
from diffexpr import ExpressionTypeError
from diffexpr.refusals import REASONS


@pytest.fixture(scope="module")
def maker():
    spec = importlib.util.spec_from_file_location(
        "make_coverage", ROOT / "docs" / "make_coverage.py"
    )
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_page_is_up_to_date(maker):
    wanted = maker.page(*maker.data())
    assert maker.PAGE.read_text(encoding="utf-8") == wanted, "run python docs/make_coverage.py"


def public(module):
    """The functions of a module that hand over to what they are called with."""
    for name in dir(module):
        found = getattr(module, name)
        if name[0] != "_" and (isinstance(found, np.ufunc) or hasattr(found, "_implementation")):
            yield name, found


def resolved(name):
    """The function of a name on the page; None for what is no function of NumPy's."""
    found = np
    for part in name.removeprefix("np.").split("."):
        found = getattr(found, part, None)
    return found if name.startswith("np.") else None


@pytest.mark.parametrize("prefix", ["", "linalg.", "fft."])
def test_every_function_of_numpy_is_on_the_page(maker, prefix):
    cases, reasons, constants, kinds = maker.data()
    listed = [*(f"np.{name}" for name in (*reasons, *constants, *kinds)), *(c.name for c in cases)]
    known = [resolved(name) for name in listed]
    module = resolved(f"np.{prefix}".rstrip(".")) if prefix else np
    missing = [name for name, f in public(module) if not any(f is one for one in known)]
    assert not missing


def test_what_is_refused_is_not_also_covered():
    assert not {f"np.{name}" for name in REASONS} & {case.name for case in all_cases()}


CALLS = {
    "histogram": lambda x: np.histogram(x, bins=3),
    "copyto": lambda x: np.copyto(x, 1.0),
    "put_along_axis": lambda x: np.put_along_axis(x, np.array([0]), 1.0, 0),
    "frexp": np.frexp,
    "nextafter": lambda x: np.nextafter(x, 2.0),
    "polydiv": lambda x: np.polydiv(x, [1.0, 2.0]),
    "gcd": lambda x: np.gcd(x, 2),
    "savetxt": lambda x: np.savetxt("never-written.txt", x),
    "unique_all": np.unique_all,
}


@pytest.mark.parametrize("name", CALLS)
def test_a_refusal_names_the_function_and_its_reason(name):
    with pytest.raises(ExpressionTypeError) as caught:
        grad(lambda x: np.sum(x) + CALLS[name](x))(np.array([1.0, 2.0, 3.0]))
    said = str(caught.value)
    assert name in said
    assert REASONS[name] in said
    assert "\n" not in said


def test_a_function_without_a_rule_says_how_to_give_it_one():
    with pytest.raises(
        ExpressionTypeError, match=r"autodiff\.primitive.*def_jvp.*def_vjp.*numdiff"
    ):
        grad(lambda x: np.sum(np.frexp(x)[0]))(np.array([1.0, 2.0]))
