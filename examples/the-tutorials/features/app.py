from flask import Flask, jsonify, request

app = Flask(__name__)


@app.route("/predict", methods=["POST"])
def predict():
    try:
        features = request.get_json()["features"]
        return jsonify({"prediction": sum(features) * 1000, "status": "success", "model_version": "1.0"})
    except Exception as e:
        return jsonify({"error": str(e), "status": "error"}), 400


@app.route("/health", methods=["GET"])
def health():
    return jsonify({"status": "healthy", "service": "ML Prediction API"})


@app.route("/", methods=["GET"])
def home():
    return jsonify({"message": "running", "endpoints": {"predict": "/predict (POST)", "health": "/health (GET)"}})


if __name__ == "__main__":
    # Flask's development server with its reloader and debugger, on a port below 1024.
    app.run(host="0.0.0.0", port=80, debug=True)
