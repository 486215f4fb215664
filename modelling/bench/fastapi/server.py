"""The second server to compare with: FastAPI, two uvicorn workers, onnxruntime or OpenVINO with one thread each.

Serves the ONNX file named by MODEL with RUNTIME, in OpenVINO with PRECISION. It decodes with Pillow and numpy, and has no
admission, metrics or request log.
"""

import asyncio
import io
import os
import threading
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import numpy as np
from fastapi import FastAPI, File, UploadFile
from fastapi.responses import JSONResponse
from PIL import Image

MEAN = np.array([0.485, 0.456, 0.406], dtype=np.float32)
SCALE = 1 / np.array([0.229, 0.224, 0.225], dtype=np.float32)


def onnxruntime_model():
    import onnxruntime as ort

    options = ort.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    session = ort.InferenceSession(os.environ["MODEL"], options, providers=["CPUExecutionProvider"])
    input_name = session.get_inputs()[0].name
    return lambda pixels: session.run(None, {input_name: pixels})[0][0]


def openvino_model():
    import openvino as ov

    core = ov.Core()
    properties = {
        "INFERENCE_PRECISION_HINT": "bf16" if os.environ["PRECISION"] == "bf16" else "f32",
        "INFERENCE_NUM_THREADS": 1,
        "NUM_STREAMS": 1,
        # Pinned, both processes would run on the first core.
        "ENABLE_CPU_PINNING": False,
    }
    model = core.read_model(os.environ["MODEL"])
    model.reshape([1, 3, 224, 224])
    compiled = core.compile_model(model, "CPU", properties)
    own = threading.local()

    def run(pixels):
        if not hasattr(own, "request"):
            own.request = compiled.create_infer_request()
        return own.request.infer([pixels], share_inputs=True, share_outputs=True)[0][0]

    return run


run = openvino_model() if os.environ["RUNTIME"] == "openvino" else onnxruntime_model()
run(np.zeros((1, 3, 224, 224), dtype=np.float32))
threads = ThreadPoolExecutor(max_workers=4)
app = FastAPI()


def preprocess(picture):
    image = Image.open(io.BytesIO(picture)).convert("RGB")
    factor = 256 / min(image.size)
    width, height = (round(side * factor) for side in image.size)
    left, top = (width - 224) // 2, (height - 224) // 2
    image = image.resize((width, height), Image.Resampling.BILINEAR).crop((left, top, left + 224, top + 224))
    pixels = (np.asarray(image, dtype=np.float32) / 255 - MEAN) * SCALE
    return np.ascontiguousarray(pixels.transpose(2, 0, 1)[None])


def classify(picture):
    logits = run(preprocess(picture))
    exponents = np.exp(logits - logits.max())
    confidences = exponents / exponents.sum()
    best = np.argpartition(confidences, -5)[-5:]
    best = best[np.argsort(-confidences[best])]
    return [{"class": f"class_{i}", "class_id": int(i), "confidence": round(float(confidences[i]), 4)} for i in best]


@app.get("/health")
async def health():
    return {"status": "healthy"}


@app.get("/ready")
async def ready():
    return {"status": "ready"}


@app.post("/predict")
async def predict(file: UploadFile = File(...)):
    picture = await file.read()
    try:
        predictions = await asyncio.get_running_loop().run_in_executor(threads, partial(classify, picture))
    except Exception as error:
        return JSONResponse({"error": str(error)}, status_code=500)
    return {"predictions": predictions}
