"""The pages of providers and their catalogues."""
