"""The control socket: how commands on this machine reach the running daemon."""
