import io
import logging
import os
import time

from flask import Flask, jsonify, request
from PIL import Image
from prometheus_client import Counter, Histogram, generate_latest

from src import resnet_stand_in

logging.basicConfig(level=logging.INFO)
logger = logging.getLogger(__name__)

app = Flask(__name__)

# Each of gunicorn's workers counts for itself, so two scrapes rarely agree.
REQUEST_COUNT = Counter("ml_inference_requests_total", "Inference requests")
REQUEST_LATENCY = Histogram("ml_inference_latency_seconds", "Seconds for an inference")
ERROR_COUNT = Counter("ml_inference_errors_total", "Errors")

# The variable is read for the log only: the weights come from the cache.
MODEL_PATH = os.environ.get("MODEL_PATH", "/models/resnet50.pth")
logger.info(f"Loading model from {MODEL_PATH}")
model = resnet_stand_in.load()
logger.info("Model loaded successfully on cpu")


@app.route("/health", methods=["GET"])
def health():
    return jsonify({"status": "healthy", "model": "resnet50", "device": "cpu"}), 200


@app.route("/ready", methods=["GET"])
def ready():
    """Runs an inference each time it is asked."""
    model(Image.new("RGB", (224, 224)))
    return jsonify({"status": "ready"}), 200


@app.route("/predict", methods=["POST"])
def predict():
    REQUEST_COUNT.inc()
    started = time.time()
    try:
        if "file" not in request.files:
            ERROR_COUNT.inc()
            return jsonify({"error": "No file provided"}), 400
        image = Image.open(io.BytesIO(request.files["file"].read())).convert("RGB")
        predictions = [
            {"class": f"class_{index}", "confidence": round(confidence, 4), "class_id": index}
            for index, confidence in model(image)
        ]
        latency = time.time() - started
        REQUEST_LATENCY.observe(latency)
        logger.info(f"Prediction completed in {latency:.3f}s - Top class: {predictions[0]['class']}")
        return jsonify({"predictions": predictions, "latency_seconds": round(latency, 3), "model_version": "1.0"}), 200
    except Exception as e:
        # A body that is no image is the caller's mistake and still answers 500.
        ERROR_COUNT.inc()
        logger.error(f"Prediction error: {e}")
        return jsonify({"error": str(e)}), 500


@app.route("/metrics", methods=["GET"])
def metrics():
    return generate_latest(), 200
