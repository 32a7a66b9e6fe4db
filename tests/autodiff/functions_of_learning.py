"""Networks, embeddings, factorisations."""

import numpy as np
from user_functions import at, numbers, positive

X = numbers(6, 3, seed=5)
IMAGE = numbers(6, 6, seed=6)


def sigmoid(z):
    return 0.5 * (np.tanh(z / 2) + 1)


class Layer:
    def __init__(self, weights, activation=np.tanh):
        self.weights = weights
        self.activation = activation

    def __call__(self, x):
        return self.activation(self.weights @ x)


@at(numbers(2, 3))
def network_of_objects(weights):
    layers = [Layer(weights), Layer(weights.T, lambda z: np.maximum(z, 0.01 * z))]
    x = np.array([1.0, 2.0, 3.0])
    for layer in layers:
        x = layer(x)
    return np.sum(x**2)


@at(0.4 * numbers(3, 3), 0.4 * numbers(3, 3, seed=7), analytic=True)
def recurrent_network(inner, outer):
    h = np.zeros(3)
    for x in X:
        h = np.tanh(inner @ h + outer @ x)
    return h.sum() ** 2


@at(0.4 * numbers(6, 12))
def lstm(weights):
    h, c = np.zeros(3), np.zeros(3)
    for x in X[:3]:
        i, f, o, g = np.split(np.concatenate([x, h]) @ weights, 4)
        c = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
        h = sigmoid(o) * np.tanh(c)
    return np.sum(h**2)


@at(0.5 * numbers(3, 9), 0.4 * numbers(3, 9, seed=8))
def gru(ahead, back):
    h = np.zeros(3)
    for x in X[:3]:
        a, b = x @ ahead, h @ back
        r, z = sigmoid(a[:3] + b[:3]), sigmoid(a[3:6] + b[3:6])
        h = (1 - z) * np.tanh(a[6:] + r * b[6:]) + z * h
    return h @ h


@at(IMAGE, numbers(3, 3), smooth=False)
def convolution_by_windows(image, kernel):
    windows = np.lib.stride_tricks.sliding_window_view(image, (3, 3))
    found = np.einsum("ijkl,kl->ij", windows, kernel)
    return np.sum(np.maximum(found, 0.1 * found) ** 2)


@at(numbers(2, 3, 3))
def convolution_by_shifts_and_pooling(kernels):
    found = sum(
        kernels[:, i : i + 1, j : j + 1] * IMAGE[None, i : i + 4, j : j + 4]
        for i in range(3)
        for j in range(3)
    )
    return np.sum(np.tanh(found.reshape(2, 2, 2, 2, 2).max(axis=(2, 4))))


@at(numbers(5))
def convolution_in_one_dimension(kernel):
    x = np.sin(np.arange(12.0))
    valid, same = np.convolve(x, kernel, mode="valid"), np.convolve(x, kernel, "same")
    return np.sum(valid**2) + np.sum(same) + np.sum(np.correlate(x, kernel, "full") ** 2)


@at(numbers(4, 3))
def batch_normalisation(x):
    y = (x - x.mean(0)) / np.sqrt(x.var(0) + 1e-5)
    return np.sum(y * np.arange(12.0).reshape(4, 3) ** 2)


@at(numbers(4, 3))
def layer_normalisation_and_gelu(x):
    y = (x - x.mean(-1, keepdims=True)) / (x.std(-1, keepdims=True) + 1e-3)
    return np.sum(0.5 * y * (1 + np.tanh(np.sqrt(2 / np.pi) * (y + 0.044715 * y**3))))


@at(numbers(4, 3), numbers(3, 3), numbers(3, 3, seed=9))
def masked_attention(x, queries, keys):
    scores = (x @ queries) @ (x @ keys).T / np.sqrt(3.0)
    scores = np.where(np.tril(np.ones((4, 4), bool)), scores, -1e9)
    weights = np.exp(scores - scores.max(-1, keepdims=True))
    weights = weights / weights.sum(-1, keepdims=True)
    return np.sum((weights @ x) ** 2)


@at(numbers(2, 4, 3), numbers(3, 4), analytic=True)
def attention_of_several_heads(x, weights):
    y = (x @ weights).reshape(2, 4, 2, 2).transpose(0, 2, 1, 3)
    scores = np.exp(np.einsum("bhid,bhjd->bhij", y, y))
    shares = scores / scores.sum(-1, keepdims=True)
    return np.einsum("bhij,bhjd->bihd", shares, y).reshape(2, 4, 4).mean()


@at(numbers(5, 3), analytic=True)
def looked_up_embeddings(table):
    rows = table[np.array([1, 3, 3, 4, 0])]
    return np.sum(rows**2) + np.sum(np.prod(rows, axis=0))


@at(numbers(3, 2))
def soft_clusters(centres):
    far = np.linalg.norm(X[:, None, :2] - centres[None, :, :], axis=-1)
    share = np.exp(-3 * far)
    share /= share.sum(1, keepdims=True)
    return np.sum(share * far**2)


@at(numbers(5, 2), analytic=True)
def neighbour_embedding(y):
    off = ~np.eye(5, dtype=bool)
    near = 1 / (1 + ((y[:, None] - y[None]) ** 2).sum(-1))
    q = near[off] / np.sum(near[off])
    return -np.sum(np.log(q)) / q.size


@at(numbers(4, 2), numbers(2, 3), analytic=True)
def positive_factors(left, right):
    target = np.abs(np.sin(np.arange(12.0))).reshape(4, 3)
    return np.sum((target - np.exp(left) @ np.exp(right)) ** 2)


@at(numbers(4, 3))
def norms_of_a_matrix(a):
    return np.linalg.norm(a, "nuc") + np.linalg.norm(a, 2) + np.linalg.norm(a) + np.linalg.cond(a)


@at(numbers(4, 3))
def best_approximation_of_rank_two(a):
    left, values, right = np.linalg.svd(a, full_matrices=False)
    return np.sum(((left[:, :2] * values[:2]) @ right[:2]) ** 3)


@at(positive(4, 4), analytic=True)
def page_rank(links):
    share, rank = links / links.sum(0), np.ones(4) / 4
    for _ in range(12):
        rank = 0.85 * share @ rank + 0.0375
    return rank @ np.arange(4.0)


@at(positive(4, 4))
def spectral_gap_of_a_graph(weights):
    near = (weights + weights.T) / 2
    degree = near.sum(1)
    values = np.linalg.eigvalsh(np.eye(4) - near / np.sqrt(np.outer(degree, degree)))
    return values[2] - values[1]
