"""Amazon Forecast's contract, and Almanac's few additions to it: names, limits and notations, as plain data.

The service, the pipeline and the embedded AWS read it; it imports none of them, no numpy and no boto3. Whoever answers
for a rule gives its own error text: the service in the API's words, the pipeline in those of params.json.
"""
