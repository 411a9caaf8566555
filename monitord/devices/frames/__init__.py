"""Serial frames: requests, what answers them on a noisy line, and the fields of an answer."""
