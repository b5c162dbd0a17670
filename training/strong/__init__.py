"""Stronger models as options: a second opinion by a sentence encoder, made here and served without torch."""
