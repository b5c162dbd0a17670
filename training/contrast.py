"""Contrastive learning of a word table's rows: sentence-transformers' loss on its StaticEmbedding, on one thread."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.util import find_spec
from itertools import chain
from typing import Any

import numpy as np

from training.encoder_figures import Floats, Ints, TableRows
from training.pairs_of_texts import Pair, batches, title_pairs
from triage.domain.errors import ModelFault

EPOCHS, BATCH = 8, 128
LEARNING_RATE, SCALE = 1e-3, 20.0
PULL = 0.005
"""How far a row goes back towards what it was, each time it is learnt from."""


def refuse_without_torch() -> None:
    """ModelFault where the extra `embeddings` is not installed."""
    missing = [name for name in ("torch", "sentence_transformers") if find_spec(name) is None]
    if missing:
        raise ModelFault(f"tuning needs {' and '.join(missing)}: pip install 'hotline-triage[embeddings]'")


def epochs(
    prior: Floats, rows: TableRows, learn: Ints, chance: np.random.Generator, seed: int
) -> Iterator[tuple[Floats, float]]:
    """The table's rows and the mean loss after each epoch, EPOCHS times; torch runs on one thread meanwhile."""
    import torch
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.losses import MultipleNegativesRankingLoss
    from sentence_transformers.sentence_transformer.modules import StaticEmbedding

    texts = [*rows.titles, *rows.bodies]
    with _alone(torch, seed):
        module = StaticEmbedding(_no_tokenizer(), embedding_dim=prior.shape[1])
        given = torch.from_numpy(prior.copy())
        module.embedding = torch.nn.EmbeddingBag.from_pretrained(given.clone(), freeze=False, sparse=True)
        weights = module.embedding.weight
        loss_of = MultipleNegativesRankingLoss(SentenceTransformer(modules=[module], device="cpu"), scale=SCALE)
        optimiser = torch.optim.SparseAdam([weights], lr=LEARNING_RATE)
        for _ in range(EPOCHS):
            losses = []
            for batch in _batches_of_pairs(rows, learn, chance):
                anchors, others = (_bags(torch, [texts[pair[side]] for pair in batch]) for side in (0, 1))
                loss = loss_of([anchors, others], None)
                optimiser.zero_grad()
                loss.backward()
                optimiser.step()
                touched = torch.unique(torch.cat([anchors["input_ids"], others["input_ids"]]))
                with torch.no_grad():
                    weights[touched] += PULL * (given[touched] - weights[touched])
                losses.append(float(loss.detach()))
            yield weights.detach().numpy().copy(), float(np.mean(losses))


def _batches_of_pairs(rows: TableRows, learn: Ints, chance: np.random.Generator) -> list[list[Pair]]:
    """Pairs of texts, bodies numbered after all titles, in batches without near copies, in an order drawn anew."""
    size = len(rows.titles)
    pairs: list[Pair] = [(at, size + at) for at in learn.tolist()]
    pairs += title_pairs(rows.issues, learn, chance)
    drawn = [pairs[at] for at in chance.permutation(len(pairs)).tolist()]
    found = batches([int(rows.groups[first]) for first, _ in drawn], BATCH)
    return [[drawn[at] for at in batch] for batch in found]


def _bags(torch: Any, texts: Sequence[Sequence[int]]) -> dict[str, Any]:
    """Rows of the table laid end to end, as StaticEmbedding's own tokenizer would give them."""
    offsets = np.cumsum([0, *map(len, texts[:-1])])
    return {"input_ids": torch.tensor(list(chain.from_iterable(texts))), "offsets": torch.from_numpy(offsets)}


def _no_tokenizer() -> Any:
    """The texts come as rows already, so none is asked; StaticEmbedding wants one all the same."""
    from tokenizers import Tokenizer, models

    return Tokenizer(models.WordPiece({"": 0}, unk_token=""))


@contextmanager
def _alone(torch: Any, seed: int) -> Iterator[None]:
    """One thread and a seed: more threads add up in another order each time."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    torch.manual_seed(seed)
    try:
        yield
    finally:
        torch.set_num_threads(threads)
