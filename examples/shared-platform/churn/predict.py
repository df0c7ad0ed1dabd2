"""How likely a customer is to leave: a formula small enough to read, in place of a trained model."""

from math import exp


def predict(months: int, tickets: int, monthly_fee: float) -> float:
    score = 0.4 * tickets + 0.02 * monthly_fee - 0.08 * months
    return round(1 / (1 + exp(-score)), 6)
