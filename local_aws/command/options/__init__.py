"""The options of the commands, one module a command, and what they ask for."""
