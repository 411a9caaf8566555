"""Expressions of conditions: grammar, the meaning of names, and text."""
