"""The rows of an opened file in a table: where they begin, how they are loaded, which are left out."""
