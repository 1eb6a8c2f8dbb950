"""Taking down what is out: asked for by one person, confirmed by another, done once, on record."""
