"""For tests of bots and connectors: simulators, contracts, a runtime without a world."""
