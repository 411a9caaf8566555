"""Files into plain mappings, and the errors that name file, line and key."""
