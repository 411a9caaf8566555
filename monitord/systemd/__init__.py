"""The protocols of systemd: sockets opened by it, readiness and status, watchdog."""
