"""What ``benchmarks/lowering.py`` runs: the expressions, the peers, the parts and the targets."""
