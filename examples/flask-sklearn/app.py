"""Predicts the species of an iris from four measures: Flask, scikit-learn, gunicorn."""

import json
from pathlib import Path

import joblib
from flask import Flask, jsonify, request

folder = Path(__file__).parent / "model"
about = json.loads((folder / "about.json").read_text())
# A joblib file runs code when it is loaded: load only files that your own build wrote.
model = joblib.load(folder / "model.joblib")

app = Flask(__name__)


def is_measure(value):
    return isinstance(value, (int, float)) and not isinstance(value, bool) and 0 <= value < 100


@app.get("/health")
def health():
    return jsonify(status="healthy")


@app.post("/predict")
def predict():
    body = request.get_json(silent=True)
    features = body.get("features") if isinstance(body, dict) else None
    if not isinstance(features, list) or len(features) != 4 or not all(map(is_measure, features)):
        return jsonify(error=f"features must be four numbers below 100: {', '.join(about['features'])}"), 400
    probabilities = model.predict_proba([features])[0]
    best = int(probabilities.argmax())
    return jsonify(prediction=about["species"][best], confidence=round(float(probabilities[best]), 4))
