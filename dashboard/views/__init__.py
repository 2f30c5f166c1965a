"""The pages. Each asks the core, shows what comes back, and holds no rule of its own."""
