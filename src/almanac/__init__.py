"""Almanac in Python. What `sam` deploys lies below `project` once this is installed: see `local_aws.project_folder`."""
