"""Serial frames in a profile: what is sent, and how answers are recognised."""
