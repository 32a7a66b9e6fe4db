"""The page of conventions says what the suite tests."""

import importlib.util
import re

import pytest
from edge_arrays import ARRAYS
from edge_numbers import NUMBERS
from edges import KINDS
from project import ROOT

EDGES = (*NUMBERS, *ARRAYS)


@pytest.fixture(scope="module")
def maker():
    spec = importlib.util.spec_from_file_location(
        "make_conventions", ROOT / "docs" / "make_conventions.py"
    )
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_page_is_current(maker):
    written = maker.PAGE.read_text(encoding="utf-8")
    assert written == maker.page(EDGES, KINDS), "run python docs/make_conventions.py"


def test_every_edge_is_on_it(maker):
    written = maker.PAGE.read_text(encoding="utf-8")
    formulas = set(re.findall(r"`([^`]+)`", written.replace("\\|", "|")))
    assert {edge.formula for edge in EDGES} <= formulas
    assert {edge.group for edge in EDGES} <= set(re.findall(r"^## (.+)$", written, re.M))


def test_the_data_is_whole():
    assert {edge.kind for edge in EDGES} == set(KINDS)
    assert all(edge.why for edge in EDGES)
    named = [(edge.formula, str(edge.at)) for edge in EDGES]
    assert len(set(named)) == len(named)
