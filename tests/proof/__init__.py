"""Sabotages of the product's code, each of which must make a named test fail. `make proof` runs them all."""
