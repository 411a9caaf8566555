"""Metric names, help texts and samples for Prometheus. Decides nothing."""
