"""The HTTP edge: parse, call one flow, answer."""
