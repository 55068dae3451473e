"""The nouns of a diagnosis: frozen, without input or output."""
