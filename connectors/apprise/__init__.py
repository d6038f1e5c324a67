"""The Apprise connector: the many services that the library of that name can notify."""
