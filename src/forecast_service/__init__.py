"""Looks like Amazon Forecast: resources, statuses, ARNs, files and jobs; forecasts come from ``forecast_engine``."""
