"""Pure functions over bytes: canonical JSON, Merkle trees, signed notes, sealing, pseudonyms. No I/O, no clock."""
