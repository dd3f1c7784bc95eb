"""One file per act, read top to bottom: one transaction each."""
