"""Semantic networks of the library transformers: weights as data, built by a config.json."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import fields, is_dataclass
from inspect import signature
from pathlib import Path
from reprlib import repr as brief
from typing import Any

import torch
from torch.nn import functional
from torch.nn.modules import module as torch_module

from ..core.card import Scaling
from ..core.errors import GeosegError, ModelError
from . import Bundle, torch_model
from .engine import Engine, EngineError
from .interface_torch import Adapted
from .safetensors import read_tensors
from .sources.folder import CONFIG, read_object

CODE = ("auto_map", "custom_pipelines")  # of repositories that bring code of their own
CHANGED = ("quantization_config", "backbone", "adapters")  # what needs more than the weights
NUMBERS = ("rope_parameters",)  # settings that are objects of plain numbers
NAMES = ("id2label", "label2id")
MOST_NUMBER = 1 << 20  # of any size in a config.json
MOST_LISTED = 1 << 10
MOST_LETTERS = 1 << 10
DEEP = ("depths", "layers", "blocks")  # how keys end that say how often something is repeated
MOST_DEEP = 1 << 10
MOST_LAYERS = 10_000  # of PyTorch: the largest networks have some thousands
# early: those whose own post-processing enlarges the masks before they are weighed
EARLY = ("mask2former", "eomt", "eomt_dinov3")
LEAST = 1e-12  # of a score, where no query claims a pixel at all


def load_transformers() -> Any:
    """Import the package transformers.

    Returns
    -------
    Any
        The module.

    Raises
    ------
    EngineError
        If it is not installed.
    """
    try:
        import transformers
    except ImportError as error:
        raise EngineError(
            f"the package transformers cannot be imported: {error}",
            do="install it with: pip install 'geoseg[transformers]'",
        ) from error
    return transformers


def engine(bundle: Bundle, scaling: Scaling, device: str) -> Engine:
    """Return the bundle's network in PyTorch.

    Parameters
    ----------
    bundle
        The model.
    scaling
        From digital numbers to the card's unit.
    device
        auto, cpu, cuda, or cuda:1.

    Returns
    -------
    Engine
        For fp32: parts of these networks keep to it.

    Raises
    ------
    EngineError
        If transformers is not installed.
    InputError
        If there is no such device.
    ModelError
        If the weights cannot be read, or do not fit config.json.
    """
    found = torch_model.find_device(device)
    network = Adapted(build_network(bundle), bundle.card)
    return torch_model.foreign_engine("torch", bundle, network, scaling, found, ("fp32",))


def build_network(bundle: Bundle) -> torch.nn.Module:
    """Build the network by its config.json, with the bundle's weights.

    Parameters
    ----------
    bundle
        The model.

    Returns
    -------
    torch.nn.Module
        On the processor, in evaluation mode: normalised pixels to logits, or to the classes'
        shares of what its queries find.

    Raises
    ------
    EngineError
        If transformers is not installed.
    ModelError
        If the weights cannot be read, or do not fit config.json.
    """
    weights = [file for file in bundle.files if file.suffix == ".safetensors"]
    config, _ = settings_of(read_object(bundle.path / CONFIG))
    return build(config, weights, bundle.card.name)


def settings_of(entry: Mapping[str, Any]) -> tuple[Any, tuple[str, ...]]:
    """Read a stranger's config.json.

    Parameters
    ----------
    entry
        What it holds.

    Returns
    -------
    tuple
        The library's own object, made of the keys that it knows and of nothing that would run or
        fetch anything; and the keys that it does not know.

    Raises
    ------
    EngineError
        If transformers is not installed.
    ModelError
        If it asks for code of its own, is no semantic network, or is out of all bounds.
    """
    transformers = load_transformers()
    kind = entry.get("model_type")
    if not isinstance(kind, str) or kind not in _network_names():
        raise ModelError(
            f"config.json says model_type {brief(kind)}",
            f"one of {', '.join(sorted(_network_names()))}",
        )
    unknown: list[str] = []
    kept = _cleaned(entry, kind, "", unknown)
    with _quiet():
        config = _made(lambda: transformers.CONFIG_MAPPING[kind].from_dict(kept), CONFIG)
    return config, tuple(unknown)


def build(config: Any, weights: Sequence[Path], name: str) -> torch.nn.Module:
    """Build a network that has no card yet.

    Parameters
    ----------
    config
        Of `settings_of`.
    weights
        Its files in the format safetensors.
    name
        What errors call it.

    Returns
    -------
    torch.nn.Module
        As of `build_network`.

    Raises
    ------
    ModelError
        As of `build_network`.
    """
    kind = getattr(load_transformers(), _network_names()[config.model_type])
    tensors = dict(read_tensors(weights))
    held = sum(tensor.numel() for tensor in tensors.values())
    with _quiet(), torch.device("meta"), _bounded(held):
        _made(lambda: kind(config), CONFIG)  # takes no memory: is it as large as its weights are?
    with _quiet():
        network, said = _made(
            lambda: kind.from_pretrained(
                None,
                config=config,
                state_dict=tensors,
                local_files_only=True,
                use_safetensors=True,
                trust_remote_code=False,
                output_loading_info=True,
                ignore_mismatched_sizes=True,  # they are told, and refused below
                dtype=torch.float32,
            ),
            f"the network of {name}",
        )
    # old files hold places and counts as well, which it now makes itself
    counts = {key for key, tensor in tensors.items() if not tensor.is_floating_point()}
    _check_fits(said | {"unexpected_keys": set(said["unexpected_keys"]) - counts}, name)
    network.eval().requires_grad_(False)
    return Queries(network) if is_query_model(config) else Logits(network)


def is_query_model(config: Any) -> bool:
    """Tell whether a network gives masks of queries, each with its class.

    Parameters
    ----------
    config
        Of `settings_of`.

    Returns
    -------
    bool
        False where it gives a score of each class for each pixel.
    """
    from transformers.models.auto import modeling_auto

    return config.model_type not in modeling_auto.MODEL_FOR_SEMANTIC_SEGMENTATION_MAPPING_NAMES


class Logits(torch.nn.Module):
    """A network of transformers as a layer: pixels in, logits out.

    Parameters
    ----------
    network
        One of those that `AutoModelForSemanticSegmentation` or its sister for universal
        segmentation knows.
    """

    def __init__(self, network: Any) -> None:
        super().__init__()
        self.network = network
        self.early = network.config.model_type in EARLY
        for part in network.modules():  # which would warn that it has none when it is traced
            if hasattr(type(part), "loss_function"):
                part.loss_function = None

    def forward(self, values: torch.Tensor) -> torch.Tensor:
        """Return the logits of a batch.

        Parameters
        ----------
        values
            Normalised pixels [n, band, row, column].

        Returns
        -------
        torch.Tensor
            [n, label, row, column], often at a stride.
        """
        logits: torch.Tensor = self.network(pixel_values=values).logits
        return logits


class Queries(Logits):
    """A network that finds masks of classes: what its queries say of each pixel, summed up.

    Each query has a class, or none, and a mask. A class's score is the sum over the queries of
    its probability times the mask's, as in the library's own semantic post-processing; here
    divided by the sum over the classes, which changes no arg max and makes shares of 1.

    References
    ----------
    Cheng et al. 2021, Per-pixel classification is not all you need for semantic segmentation,
    arXiv:2107.06278, section 3.4.
    """

    def forward(self, values: torch.Tensor) -> torch.Tensor:
        """Return the shares of the classes in a batch.

        Parameters
        ----------
        values
            Normalised pixels [n, band, row, column].

        Returns
        -------
        torch.Tensor
            [n, label, row, column], adding up to 1 over the labels.
        """
        given = self.network(pixel_values=values)
        classes = given.class_queries_logits.softmax(-1)[..., :-1]  # the last is none at all
        masks = given.masks_queries_logits
        sides = values.shape[-2:]
        if self.early:
            masks = functional.interpolate(masks, sides, mode="bilinear", align_corners=False)
        scores = torch.einsum("bqc,bqhw->bchw", classes, masks.sigmoid())
        if not self.early:
            scores = functional.interpolate(scores, sides, mode="bilinear", align_corners=False)
        scores = scores + LEAST
        return scores / scores.sum(1, keepdim=True)


def _network_names() -> dict[str, str]:
    """Return the class of each kind of network that maps classes, by its model_type."""
    load_transformers()
    from transformers.models.auto import modeling_auto as known

    return {
        kind: name
        for kind, name in (
            *known.MODEL_FOR_UNIVERSAL_SEGMENTATION_MAPPING_NAMES.items(),
            *known.MODEL_FOR_SEMANTIC_SEGMENTATION_MAPPING_NAMES.items(),
        )
        if kind not in OTHER_INPUTS
    }


# of these the network takes words, films, or gives boxes first
OTHER_INPUTS = ("oneformer", "videomt", "detr")


def _cleaned(entry: Mapping[str, Any], kind: str, place: str, unknown: list[str]) -> dict[str, Any]:
    """Return the keys that a configuration's class knows, each within bounds."""
    for key in CODE:
        if entry.get(key):
            raise ModelError(
                f"config.json says {place}{key}: the network comes with code of its own, which "
                "geoseg never runs",
                "a network that the library transformers has itself",
                "export it to ONNX, with the code that you trust",
            )
    known, ignored = _known_keys(kind)
    kept: dict[str, Any] = {}
    for key, value in entry.items():
        if key == "model_type" or key in ignored or value is None:
            continue
        if key in CHANGED and not (key == "backbone" and kind == "timm_backbone"):
            raise ModelError(
                f"config.json says {place}{key} {brief(value)}",
                "all of the network described in config.json and held by its weights",
                "save it anew with a present version of transformers",
            )
        if key not in known:
            unknown.append(f"{place}{key}")
        elif isinstance(value, dict) and "model_type" in value:
            kept[key] = _part(value, f"{place}{key}.", unknown)
        else:
            _check_bounds(value, f"{place}{key}", is_open=key in (*NAMES, *NUMBERS))
            kept[key] = value
    if kind == "timm_backbone":
        _check_timm(kept)
    # a part says what it is; the whole is built by it
    return kept | ({"model_type": kind} if place else {})


def _part(entry: Mapping[str, Any], place: str, unknown: list[str]) -> dict[str, Any]:
    kind = entry["model_type"]
    if not isinstance(kind, str) or kind not in load_transformers().CONFIG_MAPPING:
        raise ModelError(f"config.json says {place}model_type {brief(kind)}", "one of transformers")
    return _cleaned(entry, kind, place, unknown)


def _known_keys(kind: str) -> tuple[set[str], set[str]]:
    """Return the keys that change a network of a kind, and those that change none."""
    transformers = load_transformers()
    made = transformers.CONFIG_MAPPING[kind]
    base = transformers.PreTrainedConfig
    own = {each.name for each in fields(made)} if is_dataclass(made) else set()
    # what it writes itself it reads as well, such as the levels of a backbone
    own |= set(made().to_dict()) | set(signature(made).parameters) | set(made.attribute_map)
    shared = {each.name for each in fields(base)}
    known = own - shared - set(IGNORED) | {*NAMES, "num_labels"}
    usual = shared | set(base().to_dict()) | set(transformers.GenerationConfig().to_dict())
    return known, (usual | set(IGNORED)) - known


# what says where it came from and how it was to be loaded, and changes no number
IGNORED = (
    *(
        "_name_or_path",
        "name_or_path",
        "_commit_hash",
        "torch_dtype",
        "dtype",
        "attn_implementation",
    ),
    *("_attn_implementation", "_attn_implementation_autoset", "experts_implementation"),
    *(
        "use_pretrained_backbone",
        "backbone_kwargs",
        "output_attentions",
        "output_hidden_states",
        "return_dict",
    ),
    *("torchscript", "use_bfloat16", "tf_legacy_loss", "pruned_heads", "tie_word_embeddings"),
    *(
        "problem_type",
        "finetuning_task",
        "gradient_checkpointing",
        "use_cache",
        "task_specific_params",
    ),
    *("is_decoder", "cross_attention_hidden_size", "add_cross_attention", "tie_encoder_decoder"),
    *("tokenizer_class", "prefix", "sep_token_id", "decoder_start_token_id"),
)


def _check_timm(kept: Mapping[str, Any]) -> None:
    """Take no name but a plain one that timm has: it would take addresses and paths as well."""
    from ..architectures.encoders import check_encoder

    check_encoder(f"tu-{kept.get('backbone')}")


def _check_bounds(value: Any, place: str, is_open: bool, depth: int = 0) -> None:
    if isinstance(value, dict) and is_open and depth == 0 and len(value) <= MOST_LISTED:
        for each in value.values():
            _check_bounds(each, place, False, 1)
    elif isinstance(value, list) and len(value) <= MOST_LISTED and depth < 4:
        for each in value:
            _check_bounds(each, place, False, depth + 1)
    elif place.endswith(DEEP) and isinstance(value, int) and value > MOST_DEEP:
        raise ModelError(f"config.json says {place} {value}", f"at most {MOST_DEEP:,}")
    elif not (
        value is None
        or (isinstance(value, int | float) and abs(value) <= MOST_NUMBER)
        or (isinstance(value, str) and len(value) <= MOST_LETTERS)
    ):
        raise ModelError(
            f"config.json says {place} {brief(value)}",
            f"numbers up to {MOST_NUMBER:,}, short texts and lists of them",
        )


@contextmanager
def _bounded(held: int) -> Iterator[None]:
    """Let no network be built, on this thread or another, that is larger than its weights."""
    layers = numbers = 0

    def count_layer(*_: Any) -> None:
        nonlocal layers
        layers += 1
        if layers > MOST_LAYERS:
            raise ModelError(f"config.json asks for more than {MOST_LAYERS:,} layers")

    def count_numbers(_: Any, __: str, parameter: torch.nn.Parameter | None) -> None:
        nonlocal numbers
        numbers += 0 if parameter is None else parameter.numel()
        # two thirds on top: parameters may be shared
        if numbers > held * 5 // 3 + MOST_NUMBER:
            raise ModelError(
                f"config.json asks for a network of more than {numbers:,} numbers",
                f"{held:,}, which its weights hold",
            )

    hooks = [
        torch_module.register_module_module_registration_hook(count_layer),
        torch_module.register_module_parameter_registration_hook(count_numbers),
    ]
    try:
        yield
    finally:
        for hook in hooks:
            hook.remove()


def _made(make: Any, what: str) -> Any:
    """Build what a stranger describes: whatever the library raises then is said in one line."""
    try:
        return make()
    except (GeosegError, MemoryError):
        raise
    except Exception as error:
        text = next(iter(str(error).strip().splitlines()), "") or type(error).__name__
        raise ModelError(f"transformers cannot build {what}: {text}") from error


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep back the library's bars and reports, which go to the terminal."""
    from transformers.utils import logging as found

    logging: Any = found  # which has no types of its own
    level, bars = logging.get_verbosity(), logging.is_progress_bar_enabled()
    logging.set_verbosity(logging.CRITICAL)
    logging.disable_progress_bar()
    try:
        yield
    finally:
        logging.set_verbosity(level)
        if bars:
            logging.enable_progress_bar()


def _check_fits(said: Mapping[str, Any], name: str) -> None:
    """Refuse weights that are not those of the network: it would map with random numbers."""
    for key, words in (
        ("missing_keys", "lack"),
        ("unexpected_keys", "hold, beside those of the network,"),
        ("mismatched_keys", "have another shape for"),
        ("error_msgs", "cannot be taken:"),
    ):
        if found := said.get(key):
            names = sorted(str(each[0] if isinstance(each, tuple) else each) for each in found)
            more = f" and {len(names) - 1} more" if len(names) > 1 else ""
            raise ModelError(
                f"the weights of {name} {words} {names[0]}{more}",
                "those that config.json describes, no more and no fewer",
            )
