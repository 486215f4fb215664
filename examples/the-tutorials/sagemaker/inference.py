"""A model file in SageMaker's folder: the weights of a linear model, as JSON."""

import json

with open("/opt/ml/model/model.json") as file:
    weights = json.load(file)["weights"]


def predict(rows):
    return [sum(weight * value for weight, value in zip(weights, row)) for row in rows]
