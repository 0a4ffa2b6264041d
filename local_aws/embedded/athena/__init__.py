"""Athena on the laptop: queries run on duckdb, which lacks some of what Athena's engine has."""
