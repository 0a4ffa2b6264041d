"""One module per kind of resource, all of one form: its rules, and a ``KIND`` that the control plane reads."""
