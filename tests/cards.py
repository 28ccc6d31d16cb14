"""Made-up model cards for tests: one like landcover-s2, one like landcover-rgb."""

from __future__ import annotations

from geoseg.core.card import Band, Label, ModelCard, Scaling

S2_BANDS = (
    # name, common name, wavelength, mean, std, low, high: like the training chips
    ("B02", "blue", 0.490, 0.08, 0.10, 0.010, 0.45),
    ("B03", "green", 0.560, 0.09, 0.10, 0.012, 0.45),
    ("B04", "red", 0.665, 0.08, 0.10, 0.006, 0.48),
    ("B05", "rededge071", 0.704, 0.12, 0.10, 0.006, 0.50),
    ("B06", "rededge075", 0.740, 0.20, 0.13, 0.005, 0.55),
    ("B07", "rededge078", 0.783, 0.23, 0.15, 0.005, 0.60),
    ("B08", "nir", 0.842, 0.24, 0.16, 0.003, 0.62),
    ("B11", "swir16", 1.610, 0.18, 0.12, 0.001, 0.45),
    ("B12", "swir22", 2.190, 0.11, 0.09, 0.001, 0.38),
)
S2_LABELS = (
    "water",
    "trees",
    "grass",
    "flooded vegetation",
    "crops",
    "shrub and scrub",
    "built",
    "bare",
    "snow and ice",
)
S2_COLOURS = (
    "#419bdf",
    "#397d49",
    "#88b053",
    "#7a87c6",
    "#e49635",
    "#dfc35a",
    "#c4281b",
    "#a59b8f",
    "#b39fe1",
)
RGB_LABELS = ("water", "land", "road", "building", "vegetation")
RGB_COLOURS = ("#419bdf", "#a59b8f", "#666666", "#c4281b", "#397d49")

S2 = ModelCard(
    name="landcover-s2",
    description="A stand-in for landcover-s2",
    architecture="unet",
    hyperparameters={"encoder_name": "timm-tf_efficientnet_lite0"},
    sensor="Sentinel-2",
    bands=tuple(Band(*row) for row in S2_BANDS),
    unit="reflectance",
    scaling=Scaling(0.0001),
    dtypes=("uint16",),
    labels=tuple(
        Label(i, name, colour)
        for i, (name, colour) in enumerate(zip(S2_LABELS, S2_COLOURS, strict=True))
    ),
    gsd=10.0,
    gsd_range=(8.0, 20.0),
    tile=256,
    overlap=64,
)
RGB = ModelCard(
    name="landcover-rgb",
    description="A stand-in for landcover-rgb",
    architecture="unet",
    hyperparameters={"encoder_name": "timm-tf_efficientnet_lite0"},
    sensor="RGB aerial",
    bands=(
        Band("red", "red", 0.66, 120.0, 60.0, 10.0, 250.0),
        Band("green", "green", 0.56, 120.0, 60.0, 10.0, 250.0),
        Band("blue", "blue", 0.48, 110.0, 60.0, 10.0, 250.0),
    ),
    unit="digital number",
    scaling=Scaling(),
    dtypes=("uint8",),
    labels=tuple(
        Label(i, name, colour)
        for i, (name, colour) in enumerate(zip(RGB_LABELS, RGB_COLOURS, strict=True))
    ),
    gsd=1.0,
    gsd_range=(0.3, 3.0),
    tile=256,
    overlap=64,
)
