"""Pages about the hub itself."""
