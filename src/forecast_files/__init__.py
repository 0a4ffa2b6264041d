"""The one reader of the files that people give: what a row is, and what is refused, is decided here alone.

The service imports with it, and the pipeline checks heads and publishes with it, so that both see the same rows.
"""
