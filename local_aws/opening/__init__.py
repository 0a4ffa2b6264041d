"""From whatever people keep rows in to rows of texts: workbooks, archives, JSON, Parquet, text in any encoding."""
