"""Answers like Text Embeddings Inference: a vector for each text, made of its letters instead of a model."""

import hashlib
import json
import math
import os
import signal
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

DIMENSIONS = 384
LOAD_SECONDS = 2
CACHE = os.environ.get("HUGGINGFACE_HUB_CACHE", "/data")


def embed(text):
    vector = [0.0] * DIMENSIONS
    for word in text.lower().split():
        digest = hashlib.sha256(word.encode()).digest()
        vector[int.from_bytes(digest[:2], "big") % DIMENSIONS] += 1 if digest[2] % 2 else -1
    length = math.sqrt(sum(value * value for value in vector)) or 1.0
    return [value / length for value in vector]


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # An idle connection ends after so many seconds; the exit waits for it.
    timeout = 2

    def answer(self, status, content, kind="application/json"):
        body = content.encode()
        self.send_response(status)
        self.send_header("content-type", kind)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        if self.path == "/health":
            return self.answer(200, "", "text/plain")
        if self.path == "/info":
            limits = {"max_concurrent_requests": 512, "max_input_length": 512, "max_client_batch_size": 32}
            about = {"model_id": self.server.model, "model_dtype": "float32", "version": "stand-in", **limits}
            return self.answer(200, json.dumps(about))
        if self.path == "/metrics":
            return self.answer(200, "# TYPE te_request_count counter\n", "text/plain")
        return self.answer(404, "", "text/plain")

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        if self.path != "/embed":
            return self.answer(404, "", "text/plain")
        try:
            inputs = json.loads(body)["inputs"]
            texts = [inputs] if isinstance(inputs, str) else inputs
            vectors = [embed(text) for text in texts]
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            return self.answer(422, json.dumps({"error": repr(error), "error_type": "Validation"}))
        self.answer(200, json.dumps(vectors))

    def log_message(self, *_):
        """Only `log` writes to the log."""


class Server(ThreadingHTTPServer):
    # server_close waits for the requests that are under way.
    daemon_threads = False


def log(message):
    moment = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    line = {"timestamp": moment, "level": "INFO", "message": message}
    print(json.dumps(line) if "--json-output" in sys.argv else f"{moment}  INFO {message}", flush=True)


def main():
    arguments = sys.argv[1:]
    model = arguments[arguments.index("--model-id") + 1]
    port = int(os.environ.get("PORT", "80"))
    os.makedirs(CACHE, exist_ok=True)
    # In place of the download from the hub.
    with open(os.path.join(CACHE, "model.safetensors"), "w") as file:
        file.write(model)
    time.sleep(LOAD_SECONDS)
    server = Server(("", port), Handler)
    server.model = model
    signal.signal(signal.SIGTERM, lambda *_: threading.Thread(target=server.shutdown).start())
    log(f"Starting HTTP server: 0.0.0.0:{port}")
    log("Ready")
    server.serve_forever()
    server.server_close()


main()
