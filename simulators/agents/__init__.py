"""Real sockets on 127.0.0.1 that speak for the plant. Owns protocols; knows nothing of faults."""
