"""Device profiles: found, read and checked. Data only."""
