"""The items of the report, and what it says of the run; the page itself is in ``outputs``."""
