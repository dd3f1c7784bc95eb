"""Deelgrond: a broker for lawful information sharing. Importing this package does no work."""

__version__ = "0.1.0"
