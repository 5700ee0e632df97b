"""Mutation tests: deliberate mistakes in the product's code, each of which a named test must catch."""
