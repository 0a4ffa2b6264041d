"""The forecast service where others call it: requests of its clients, tasks of state machines, templates."""
