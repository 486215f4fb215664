"""In place of torch and torchvision: their start, their cache and their time for an inference, without their arithmetic."""

import os
import sys
import time

IMPORT_SECONDS = 3
INFERENCE_SECONDS = 0.1
WEIGHTS_MB = 98
WEIGHTS = "resnet50-stand-in.pth"


def cache_folder():
    # As torch.hub finds it.
    cache = os.environ.get("XDG_CACHE_HOME", os.path.join(os.path.expanduser("~"), ".cache"))
    return os.path.join(os.environ.get("TORCH_HOME", os.path.join(cache, "torch")), "hub", "checkpoints")


def load():
    """Writes a file of the size of ResNet50's weights where torch keeps them. Each worker of gunicorn does so."""
    time.sleep(IMPORT_SECONDS)
    path = os.path.join(cache_folder(), WEIGHTS)
    if not os.path.exists(path):
        os.makedirs(cache_folder(), exist_ok=True)
        print(f'Downloading: "{WEIGHTS}" to {path}', file=sys.stderr)
        part = f"{path}.{os.getpid()}.partial"
        with open(part, "wb") as file:
            for megabytes in range(1, WEIGHTS_MB + 1):
                file.write(os.urandom(1_000_000))
                print(f"\r{megabytes / WEIGHTS_MB:4.0%}|{megabytes}.0M/{WEIGHTS_MB}.0M", end="", file=sys.stderr)
        print(file=sys.stderr)
        os.replace(part, path)
    return predict


def predict(image):
    """Five classes with confidences that depend on the mean colour and mean nothing."""
    until = time.perf_counter() + INFERENCE_SECONDS
    red, green, blue = image.resize((1, 1)).getpixel((0, 0))
    while time.perf_counter() < until:
        pass
    first = (red * 256 + green + blue) % 1000
    return [((first + i) % 1000, 0.5 / 2**i) for i in range(5)]
