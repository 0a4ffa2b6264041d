"""The embedded AWS: starts it, deploys the template to it, and drives it for the `almanac` command.

Nothing here ships to the cloud, and nothing that ships knows of it.
"""
