"""Models that were fitted lately, so that equal ones are not fitted again.

A model is found by all that it was made from, to the last bit. So it makes no difference to a
forecast whether its model was remembered; and what became known later cannot slip in.
"""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict

import numpy as np

from fmhost_forecast.features import Inputs
from fmhost_forecast.model import Model, fit

#: So many models are kept [each takes about 0.2 MB].
MOST_MODELS = 128

_models: OrderedDict[bytes, Model] = OrderedDict()
_lock = threading.Lock()


def fitted(inputs: Inputs, longest: int) -> Model:
    """The model of these inputs, see :func:`fmhost_forecast.model.fit`."""
    key = _key(inputs, longest)
    with _lock:
        if key in _models:
            _models.move_to_end(key)
            return _models[key]
    model = fit(inputs, longest)
    with _lock:
        _models[key] = model
        while len(_models) > MOST_MODELS:
            _models.popitem(last=False)
    return model


def _key(inputs: Inputs, longest: int) -> bytes:
    timeline = inputs.timeline
    digest = hashlib.blake2b(
        repr((timeline.start, timeline.step, timeline.size, timeline.zone.key, longest)).encode(),
        digest_size=20,
    )
    series = [inputs.values, *inputs.weather, *inputs.past, *inputs.special]
    for each in [*series, *([] if inputs.sun is None else [inputs.sun])]:
        digest.update(np.ascontiguousarray(each).view(np.uint8).data)
    digest.update(repr((len(inputs.weather), len(inputs.past), len(inputs.special))).encode())
    return digest.digest()


def forget() -> None:
    """Remember no model."""
    with _lock:
        _models.clear()


def count() -> int:
    """How many models are remembered."""
    with _lock:
        return len(_models)
