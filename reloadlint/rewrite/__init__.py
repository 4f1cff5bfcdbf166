"""Builds fixes out of facts; nothing here decides whether something is a hazard."""
