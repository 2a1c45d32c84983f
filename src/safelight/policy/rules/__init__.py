"""The rules of an operator: their facts, their language, checks before they run, and what they may not switch off."""
