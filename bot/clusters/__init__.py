"""Who does what: alone, or (later) shared over NATS."""
