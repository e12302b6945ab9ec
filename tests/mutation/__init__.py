"""Whether the tests of what spends money notice a change of it: ``make mutation``."""
