"""What monitord and systemd say to each other: handed sockets, readiness, watchdog."""
