"""What the formulas of different backends cost when they are lowered."""
