"""The files of a caller, written as Amazon Forecast wants them."""
