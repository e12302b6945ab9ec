"""What the hub defends: one table of permissions, one crawl, one canary, and the numbered controls."""
