"""The Amazon States Language: its model, its grammar, its expression languages."""
