"""Query against candidate: what a match is, and how surprising it would be by accident."""
