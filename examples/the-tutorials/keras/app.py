import io
import os

from flask import Flask, jsonify, request
from PIL import Image

from stand_ins import download_file, load_model

S3_BUCKET = "your-bucket-name"
MODEL_FILE = "model.keras"
LOCAL_MODEL_PATH = f"/app/{MODEL_FILE}"

# While Python imports this file: gunicorn has opened the port already, and callers wait until the worker is ready.
if not os.path.exists(LOCAL_MODEL_PATH):
    print(f"📥 Downloading model from S3: {S3_BUCKET}/{MODEL_FILE}")
    download_file(S3_BUCKET, MODEL_FILE, LOCAL_MODEL_PATH)
model = load_model(LOCAL_MODEL_PATH)
print("✅ Model loaded successfully.")

app = Flask(__name__)


@app.route("/", methods=["GET"])
def home():
    return "The model is running"


@app.route("/predict", methods=["POST"])
def predict():
    if "image" not in request.files:
        return jsonify({"error": "No image provided"}), 400
    image = Image.open(io.BytesIO(request.files["image"].read())).convert("RGB")
    return jsonify(model(image))
