"""The types of values, and the reading of sections and their entries."""
