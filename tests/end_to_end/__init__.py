"""End-to-end tests on the deployed stack, through the public HTTP API and the sandboxes' controls alone."""
