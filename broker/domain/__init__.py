"""What a request is: frozen dataclasses and state tables. No I/O, no clock, no law."""
