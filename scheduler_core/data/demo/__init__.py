"""A plausible factory's ERP, generated from a seed, for trying the product and for its tests."""

from scheduler_core.data.demo.writer import BANNER, DEMO_CLOCK, DEMO_SEED, ensure_demo, generate, write_demo

__all__ = ["BANNER", "DEMO_CLOCK", "DEMO_SEED", "ensure_demo", "generate", "write_demo"]
