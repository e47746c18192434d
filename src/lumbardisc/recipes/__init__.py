"""Published methods as configuration and wiring over shared parts; a new one is one file and one row in the CLI."""
