"""Answers like Triton Inference Server with one model, `simple`: two int32 tensors in, their sum and their difference out."""

import json
import signal
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

NAME = "simple"
SHAPE = [1, 16]
TENSORS = {
    "inputs": [{"name": name, "datatype": "INT32", "shape": SHAPE} for name in ("INPUT0", "INPUT1")],
    "outputs": [{"name": name, "datatype": "INT32", "shape": SHAPE} for name in ("OUTPUT0", "OUTPUT1")],
}
MODEL = {"name": NAME, "versions": ["1"], "platform": "stand-in", **TENSORS}
SERVER = {"name": "triton", "version": "stand-in", "extensions": []}

answered = 0


def infer(request):
    data = {tensor["name"]: tensor["data"] for tensor in request["inputs"]}
    pairs = list(zip(data["INPUT0"], data["INPUT1"], strict=True))
    results = [[a + b for a, b in pairs], [a - b for a, b in pairs]]
    outputs = [{**about, "data": result} for about, result in zip(TENSORS["outputs"], results)]
    return {"model_name": NAME, "model_version": "1", "outputs": outputs}


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # An idle connection ends after so many seconds; the exit waits for it.
    timeout = 2

    def answer(self, status, body=None):
        content = b"" if body is None else json.dumps(body).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def do_GET(self):
        known = {"/v2": SERVER, f"/v2/models/{NAME}": MODEL}
        if self.path in ("/v2/health/live", "/v2/health/ready", f"/v2/models/{NAME}/ready"):
            return self.answer(200)
        return self.answer(200, known[self.path]) if self.path in known else self.answer(404, {"error": "Not Found"})

    def do_POST(self):
        global answered
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        if self.path != f"/v2/models/{NAME}/infer":
            return self.answer(404, {"error": "Request for unknown model"})
        try:
            result = infer(json.loads(body))
        except (ValueError, KeyError, TypeError) as error:
            return self.answer(400, {"error": f"failed to parse the request: {error!r}"})
        answered += 1
        self.answer(200, result)

    def log_message(self, *_):
        """Triton logs no requests unless it is told to."""


class Metrics(Handler):
    def do_GET(self):
        text = f'nv_inference_request_success{{model="{NAME}",version="1"}} {answered}\n'.encode()
        self.send_response(200)
        self.send_header("content-type", "text/plain; charset=utf-8")
        self.send_header("content-length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)


class Server(ThreadingHTTPServer):
    # server_close waits for the requests that are under way.
    daemon_threads = False


def main():
    command, *options = sys.argv[1:] or [""]
    if command != "tritonserver" or not any(option.startswith("--model-repository=") for option in options):
        sys.exit(f"expected tritonserver --model-repository=..., got {sys.argv[1:]}")
    server, metrics = Server(("", 8000), Handler), ThreadingHTTPServer(("", 8002), Metrics)
    threading.Thread(target=metrics.serve_forever, daemon=True).start()
    signal.signal(signal.SIGTERM, lambda *_: threading.Thread(target=server.shutdown).start())
    print("I0000 00:00:00.000000 1 http_server.cc] Started HTTPService at 0.0.0.0:8000", file=sys.stderr, flush=True)
    server.serve_forever()
    server.server_close()


main()
