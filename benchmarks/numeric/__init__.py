"""What ``benchmarks/numdiff.py`` runs: the sets, the peers, the figures and the targets."""
