"""Glue of the embedded AWS made real: jobs run on local Spark, crawlers make tables of the files that they find."""
