"""What a reviewer would otherwise have to say again and again."""
