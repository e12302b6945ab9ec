"""The pages of orders: thin doors to what `orders` does."""
