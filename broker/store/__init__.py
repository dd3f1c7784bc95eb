"""Where things are kept: one module per noun, SQLite and PostgreSQL alike."""
