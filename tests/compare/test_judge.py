"""The votes, on answers made up for the purpose."""

import numpy as np
import pytest

from compare.answers import SOURCES
from compare.judge import agreement, judge, overall

NAMES = ("symbolic", "forward", "reverse", "numeric")


def votes(*values, error=0.1, abstains=(), names=NAMES):
    arrays = {n: np.array([v]) for n, v in zip(names, values, strict=True)}
    errors = {n: np.array([error]) for n in names}
    silent = {n: np.array([n in abstains]) for n in names}
    verdicts, pinned = judge(arrays, errors, silent, SOURCES)
    return {n: str(v[0]) for n, v in verdicts.items()}, bool(pinned[0])


def odd(*values, **options):
    verdicts, pinned = votes(*values, **options)
    return {n for n, v in verdicts.items() if v == "disagree"}, pinned


def test_all_agree():
    verdicts, pinned = votes(1.0, 1.05, 0.95, 1.1)
    assert set(verdicts.values()) == {"agree"}
    assert pinned


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ((2.0, 1.0, 1.0, 1.0), {"symbolic"}),
        ((1.0, 2.0, 2.0, 1.0), {"forward", "reverse"}),
        ((1.0, 2.0, 1.0, 1.0), {"forward"}),
        ((1.0, 1.0, 2.0, 1.0), {"reverse"}),
        ((1.0, 1.0, 1.0, 2.0), {"numeric"}),
        ((1.0, 3.0, 2.0, 1.0), {"forward", "reverse"}),
        ((np.nan, 1.0, 1.0, 1.0), {"symbolic"}),
        ((1.0, np.inf, np.inf, 1.0), {"forward", "reverse"}),
    ],
)
def test_the_minority_of_sources_is_pinned(values, expected):
    assert odd(*values) == (expected, True)


def test_two_sources_against_each_other_pin_nobody():
    names = ("forward", "reverse", "numeric")
    found, pinned = odd(1.0, 1.0, 2.0, names=names)
    assert found == set(names)
    assert not pinned


def test_forward_and_reverse_are_one_voice():
    # Three answers against one, but one source against one.
    found, pinned = odd(1.0, 1.0, 2.0, names=("forward", "reverse", "symbolic"))
    assert found == {"forward", "reverse", "symbolic"}
    assert not pinned


def test_a_wide_bar_does_not_hide_a_disagreement_between_the_others():
    names = ("symbolic", "forward", "reverse", "numeric")
    values = {n: np.array([v]) for n, v in zip(names, (1.0, 2.0, 2.0, 1.5), strict=True)}
    errors = {n: np.array([0.01]) for n in names} | {"numeric": np.array([10.0])}
    silent = {n: np.array([False]) for n in names}
    verdicts, pinned = judge(values, errors, silent, SOURCES)
    assert not pinned[0]
    assert [str(verdicts[n][0]) for n in names[:3]] == ["disagree"] * 3


def test_who_abstains_is_inconclusive_and_does_not_vote():
    verdicts, _ = votes(1.0, 1.0, 1.0, 7.0, abstains=("numeric",))
    assert verdicts == dict.fromkeys(NAMES[:3], "agree") | {"numeric": "inconclusive"}


def test_one_source_alone_decides_nothing():
    verdicts, _ = votes(1.0, 1.0, 1.0, 1.0, abstains=("symbolic", "numeric"))
    assert set(verdicts.values()) == {"inconclusive"}


def test_nowhere_finite_is_undefined():
    verdicts, _ = votes(np.nan, np.nan, np.nan, np.nan)
    assert set(verdicts.values()) == {"undefined"}


def test_entries_are_judged_apart():
    values = {n: np.array([1.0, 1.0]) for n in NAMES}
    values["reverse"] = np.array([1.0, 5.0])
    errors = {n: np.array([0.0, 0.0]) for n in NAMES}
    silent = {n: np.array([False, False]) for n in NAMES}
    verdicts, pinned = judge(values, errors, silent, SOURCES)
    assert verdicts["reverse"].tolist() == ["agree", "disagree"]
    assert pinned.tolist() == [True, True]


def test_agreement_of_what_is_not_finite():
    a = np.array([np.nan, np.inf, np.inf, np.nan])
    b = np.array([np.nan, np.inf, -np.inf, 1.0])
    zero = np.zeros(4)
    assert agreement(a, zero, b, zero).tolist() == [True, True, False, False]


def test_the_worst_verdict_is_the_whole():
    assert overall(["agree", "kink", "disagree"]) == "disagree"
    assert overall(["agree", "inconclusive"]) == "inconclusive"
    assert overall([]) == "agree"
