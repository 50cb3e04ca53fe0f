"""From what people have to Python: definitions in ASL, alone or inside templates, become modules of the vocabulary."""
