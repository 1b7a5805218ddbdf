"""Neighbours: which examples lie nearest to a query, and how many of them are of its class.

Used by the chapter *looking-inside*.

Near means a small angle: vectors are brought to length 1, and then the product of two is the cosine of the angle
between them. Asking the nearest examples for their class is the method of Cover and Hart (1967, doi
10.1109/TIT.1967.1053964).
"""

from __future__ import annotations

from torch import Tensor


def nearest(queries: Tensor, bank: Tensor, count: int) -> Tensor:
    """Return the numbers of the ``count`` examples of the bank with the smallest angle to each query, nearest first.

    Args:
        queries: (N, D).
        bank: (M, D).
        count: how many, from 1 to M.

    Returns:
        int64 (N, count).

    Raises:
        ValueError: shapes that do not fit, a count out of range, or a vector of length 0, which has no direction.

    """
    if queries.dim() != 2 or bank.dim() != 2 or queries.shape[1] != bank.shape[1]:
        raise ValueError(
            f"queries (N, D) and bank (M, D) are needed; got {tuple(queries.shape)}, {tuple(bank.shape)}"
        )
    if not 1 <= count <= len(bank):
        raise ValueError(f"count must be from 1 to {len(bank)}, the size of the bank; got {count}")
    return (_unit(queries) @ _unit(bank).T).topk(count, dim=1).indices


def same_class(neighbours: Tensor, labels: Tensor, bank_labels: Tensor) -> Tensor:
    """Return for each query which share of its neighbours has its class: (N,), from 0 to 1.

    Args:
        neighbours: int64 (N, count), from `nearest`.
        labels: (N,), of the queries.
        bank_labels: (M,).

    """
    return (bank_labels[neighbours] == labels[:, None]).float().mean(dim=1)


def _unit(vectors: Tensor) -> Tensor:
    length = vectors.norm(dim=1, keepdim=True)
    if not bool((length > 0).all()):
        raise ValueError("a vector of length 0 has no direction, and so no neighbours: leave it out")
    return vectors / length
