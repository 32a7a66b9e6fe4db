"""What ``benchmarks/autodiff.py`` runs: the problems, the peers, the clocks and the targets."""
