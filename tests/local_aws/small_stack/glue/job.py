"""Never runs: no Spark of this version of Glue is installed."""
