"""Makes the reference pictures beside this file: what torchvision and Pillow make of some of the shipped photos.

    pip install torchvision==0.29.2 pillow==13.0.0 && python make.py

Each is the 224 x 224 RGB that a model would see before its mean and standard deviation are taken out.
"""

from pathlib import Path

from PIL import Image
from torchvision.transforms import CenterCrop, Resize

here = Path(__file__).parent
photos = here.parents[3] / "photos"


def resize_then_crop(photo):
    """torchvision's usual evaluation of a ResNet50."""
    return CenterCrop(224)(Resize(256)(photo))


def crop_then_resize(photo):
    """The EfficientNet-Lite rule: the centre square of 0.875 of the shorter side, then bicubic."""
    width, height = photo.size
    side = int(min(width, height) * 0.875)
    left, top = (width - side) // 2, (height - side) // 2
    square = photo.crop((left, top, left + side, top + side))
    return square.resize((224, 224), Image.Resampling.BICUBIC)


def make(photo, stem):
    for rule in [resize_then_crop, crop_then_resize]:
        rule(photo).save(here / f"{stem}.{rule.__name__.replace('_', '-')}.png", optimize=True)


for name in ["china.jpg", "koala.webp", "chelsea.png"]:
    make(Image.open(photos / name).convert("RGB"), Path(name).stem)

# Smaller than what a model sees, so that it is enlarged.
thumbnail = Image.open(photos / "koala.webp").convert("RGB").resize((160, 120), Image.Resampling.BICUBIC)
thumbnail.save(here / "thumbnail.png", optimize=True)
make(thumbnail, "thumbnail")
