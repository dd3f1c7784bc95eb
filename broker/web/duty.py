"""Duties on the pages: whoever owes one says that it was done."""

from __future__ import annotations

import re

from starlette.datastructures import FormData

from broker.api.shapes import ID
from broker.domain.wiring import Wiring
from broker.flows.fulfil import Fulfil, fulfil
from broker.kernel.errors import InputError
from broker.web.filled import Filled
from broker.web.guard import Visit


def fulfil_chosen(typed: FormData, visit: Visit, w: Wiring) -> None:
    """Put on record that the duties named in a form were done."""
    chosen = Filled(typed).chosen("obligation")
    if not all(re.fullmatch(ID, one) for one in chosen):
        raise InputError("the form does not fit")
    for one in chosen:
        fulfil(Fulfil(actor=visit.actor, obligation=one), w)
