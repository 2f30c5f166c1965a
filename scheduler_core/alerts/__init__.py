"""Telling people: rules over what the store knows, incidents, messages, and their delivery."""
