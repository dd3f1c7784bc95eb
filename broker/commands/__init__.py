"""The commands: one module per audience. They read arguments, call one thing, and print."""
