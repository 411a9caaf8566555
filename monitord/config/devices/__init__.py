"""Points, conditions and protocols: from a device's and a profile's keys to their models."""
