"""What a service's name says: platform, kind, country, quality, speed, start, refill, drop."""
