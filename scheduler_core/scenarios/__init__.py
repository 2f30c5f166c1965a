"""What-if: changes to a plant, the frozen part of its plan, how much a repair moves, and what a rush order costs."""
