"""Where settings come from: environment variables and YAML files. No other room knows their names."""
