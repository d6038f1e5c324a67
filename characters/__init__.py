"""Characters that come with Townhall: data, no code."""
