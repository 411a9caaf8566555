"""SNMPv3 user-based security (RFC 3414) for the side that sends requests. No sockets."""
