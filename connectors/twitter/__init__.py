"""The X (Twitter) connector."""
