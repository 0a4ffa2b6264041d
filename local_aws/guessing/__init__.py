"""From a CSV file as people have it to what Amazon Forecast wants: params.json and files whose columns it names."""
