"""Running the product: the local stack, its tools, the checks of `make test`."""
