"""Unions of many small sets, against Python's own sets."""

import numpy as np
import pytest

from autodiff.sparse import index_sets
from autodiff.sparse.index_sets import Part, Table, merged, united


class TestSets:
    def drawn(self, rng, universe, count):
        sets = [
            set(),
            *(set(rng.choice(universe, rng.integers(universe + 1), False)) for _ in range(count)),
        ]
        members = [np.sort(np.array(list(s), np.intp)) for s in sets]
        starts = np.concatenate([[0], np.cumsum([len(m) for m in members])])
        return sets, Table(starts, np.concatenate(members), universe)

    def read(self, table, label):
        return set(table.members[table.starts[label] : table.starts[label + 1]])

    @pytest.mark.parametrize("seed", range(10))
    def test_unions_are_those_of_sets(self, seed, monkeypatch):
        rng = np.random.default_rng(seed)
        universe = int(rng.integers(1, 9))
        wanted = [set() for _ in range(6)]
        parts = []
        for _ in range(3):
            sets, table = self.drawn(rng, universe, 5)
            owners, labels = rng.integers(6, size=8), rng.integers(6, size=8)
            parts.append(Part(table, owners, labels))
            for owner, label in zip(owners, labels, strict=True):
                wanted[owner] |= sets[label]
        table, labels = united(parts, 6)
        assert [self.read(table, label) for label in labels] == wanted
        # Where nothing is told apart any more, each gets what any of them has.
        monkeypatch.setattr(index_sets, "MANY", 0)
        monkeypatch.setattr(index_sets, "DENSE", 0)
        table, labels = united(parts, 6)
        loose = [self.read(table, label) for label in labels]
        assert all(a >= b for a, b in zip(loose, wanted, strict=True))
        assert set().union(*loose) == set().union(*wanted)

    def test_merged_tables_keep_their_sets(self):
        rng = np.random.default_rng(0)
        drawn = [self.drawn(rng, 5, count) for count in (0, 3, 0, 2)]
        table, shifts = merged([t for _, t in drawn])
        for (sets, _), shift in zip(drawn, shifts, strict=True):
            for label, members in enumerate(sets[1:], 1):
                assert self.read(table, label + shift) == members
