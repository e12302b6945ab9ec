"""Orders and what follows them: refills, cancellations, products, settlement, money."""
