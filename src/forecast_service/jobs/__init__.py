"""The jobs of the service: what happens between CREATE_PENDING and ACTIVE, in rounds of shards."""
