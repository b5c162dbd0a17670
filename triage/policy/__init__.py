"""The rules layer: packs are data, conditions are CEL, and one pure function judges."""
