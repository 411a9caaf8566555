"""Decoding: raw values of one answer become readings. Knows no clock and no socket."""
