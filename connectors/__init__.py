"""One folder per platform, each with the same names: connector, translate, simulator."""
