"""The demonstration: case files played against a real server. Not loaded by the production wiring."""
