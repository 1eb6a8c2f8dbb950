"""The ledger's schema, step by step. `bot.schema` runs them."""
