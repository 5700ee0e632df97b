"""Tests beyond the Rust crates': the demo, the end-to-end and browser tests on a deployed stack, the template's tests."""
