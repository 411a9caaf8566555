"""Traps and informs: accepts or drops each datagram and asks for a poll. Gives no verdict."""
