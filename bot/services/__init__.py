"""Services that come with Townhall."""
