"""Provider accounts, their dialects, catalogues, and the client that speaks to them."""
