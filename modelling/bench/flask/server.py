"""The server to compare with: Flask, gunicorn and torchvision's ResNet50, as a first deployment often looks.

Serves the weights that `npm run resnet50` makes, from the safetensors file named by WEIGHTS.
"""

import io
import json
import logging
import os
import time

import torch
from flask import Flask, Response, jsonify, request
from PIL import Image
from prometheus_client import CONTENT_TYPE_LATEST, Counter, Histogram, generate_latest
from torchvision import models, transforms

log = logging.getLogger("reference")
logging.basicConfig(level=logging.INFO)

predictions_total = Counter("ml_inference_requests_total", "Predictions asked for")
errors_total = Counter("ml_inference_errors_total", "Predictions that failed")
latency_seconds = Histogram("ml_inference_latency_seconds", "Seconds a prediction took")

preprocess = transforms.Compose(
    [
        transforms.Resize(256),
        transforms.CenterCrop(224),
        transforms.ToTensor(),
        transforms.Normalize(mean=[0.485, 0.456, 0.406], std=[0.229, 0.224, 0.225]),
    ]
)


def read_safetensors(path):
    with open(path, "rb") as file:
        header = json.loads(file.read(int.from_bytes(file.read(8), "little")))
        data = bytearray(file.read())
    return {
        name: torch.frombuffer(data, dtype=torch.float32, offset=entry["data_offsets"][0], count=entry["count"]).reshape(
            entry["shape"]
        )
        for name, entry in header.items()
    }


def load_model(path):
    """The file's convolutions carry their batch normalisation; torchvision's model gets one that only adds the bias."""
    given = read_safetensors(path)
    model = models.resnet50(weights=None)
    state = model.state_dict()
    for name, value in state.items():
        layer, _, kind = name.rpartition(".")
        if name in given and kind == "weight" or layer == "fc":
            state[name] = given[name]
        elif kind == "weight":
            state[name] = torch.ones_like(value)
        elif kind == "bias":
            state[name] = given[convolution_before(layer) + ".bias"]
        elif kind == "running_mean":
            state[name] = torch.zeros_like(value)
        elif kind == "running_var":
            state[name] = torch.full_like(value, 1 - 1e-5)
    model.load_state_dict(state)
    return model.eval()


def convolution_before(norm):
    if norm.endswith("downsample.1"):
        return norm.removesuffix(".1") + ".0"
    return norm.replace("bn", "conv")


app = Flask(__name__)
model = load_model(os.environ["WEIGHTS"])


@app.get("/health")
def health():
    return jsonify(status="healthy", model="resnet50", device="cpu")


@app.get("/ready")
def ready():
    with torch.no_grad():
        model(torch.randn(1, 3, 224, 224))
    return jsonify(status="ready")


@app.get("/metrics")
def metrics():
    return Response(generate_latest(), content_type=CONTENT_TYPE_LATEST)


@app.post("/predict")
def predict():
    predictions_total.inc()
    started = time.time()
    if "file" not in request.files:
        errors_total.inc()
        return jsonify(error="the form has no field named file"), 400
    try:
        image = Image.open(io.BytesIO(request.files["file"].read())).convert("RGB")
        with torch.no_grad():
            confidences = torch.softmax(model(preprocess(image).unsqueeze(0))[0], dim=0)
        best, ids = torch.topk(confidences, 5)
    except Exception as error:
        errors_total.inc()
        log.error("prediction failed: %s", error)
        return jsonify(error=str(error)), 500
    answers = [
        {"class": f"class_{id_}", "class_id": id_, "confidence": round(confidence, 4)}
        for id_, confidence in zip(ids.tolist(), best.tolist())
    ]
    elapsed = time.time() - started
    latency_seconds.observe(elapsed)
    log.info("predicted %s in %.3f s", answers[0]["class"], elapsed)
    return jsonify(predictions=answers, latency_seconds=round(elapsed, 3), model_version="1.0")
