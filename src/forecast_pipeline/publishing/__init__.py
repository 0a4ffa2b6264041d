"""From the export of a finished run to what people look at: tables, accuracy against seasonal naive, and the report."""
