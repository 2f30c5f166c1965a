"""Is everything working? Health checks, figures for Prometheus, and runs whose worker has died."""
