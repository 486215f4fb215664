from flask import Flask, jsonify, request

app = Flask(__name__)


# The tutorial only shows where a model would be loaded, so the answer is always the same.
@app.route("/predict", methods=["POST"])
def predict():
    try:
        request.get_json()
        return jsonify({"prediction": "sample_prediction", "status": "success"})
    except Exception as e:
        return jsonify({"error": str(e)}), 400


@app.route("/health", methods=["GET"])
def health():
    return jsonify({"status": "healthy"})
