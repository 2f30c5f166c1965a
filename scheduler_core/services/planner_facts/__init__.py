"""The parts of the service of facts; its door is ``services.facts``."""
