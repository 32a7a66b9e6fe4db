"""A small network learns the exclusive or of two signs: parameters in a dict, trained by Adam.

Run: python examples/train_network.py
"""

import numpy as np

from autodiff import optim, value_and_grad

STEPS, BATCH = 300, 32


def network(params, x):
    """One hidden layer; the score is above 0 for one class and below 0 for the other."""
    for layer in params["hidden"]:
        x = np.tanh(x @ layer["w"] + layer["b"])
    return x @ params["out"]["w"] + params["out"]["b"]


def loss(params, x, labels):
    """The mean negative log-likelihood of labels -1 and 1."""
    return np.mean(np.logaddexp(0, -labels * network(params, x)))


def start(rng):
    return {
        "hidden": [
            {"w": rng.normal(size=(2, 8)) / np.sqrt(2), "b": np.zeros(8)},
            {"w": rng.normal(size=(8, 8)) / np.sqrt(8), "b": np.zeros(8)},
        ],
        "out": {"w": rng.normal(size=8) / np.sqrt(8), "b": 0.0},
    }


def points(rng, count):
    x = rng.uniform(-1, 1, size=(count, 2))
    return x, np.sign(x[:, 0] * x[:, 1])


def train(seed=0):
    """The trained parameters, and the loss on the batch of each step."""
    rng = np.random.default_rng(seed)
    params = start(rng)
    optimiser = optim.adam(rate=optim.warmup_cosine(0.03, warmup=20, steps=STEPS))
    state = optimiser.init(params)
    losses = []
    for _ in range(STEPS):
        value, gradient = value_and_grad(loss)(params, *points(rng, BATCH))
        gradient = optim.clip_by_norm(gradient, 1.0)
        state, params = optimiser.update(state, params, gradient)
        losses.append(float(value))
    return params, losses


def accuracy(params, count=2000, seed=1):
    """The share of new points that the network puts into the right class."""
    x, labels = points(np.random.default_rng(seed), count)
    return float(np.mean(np.sign(network(params, x)) == labels))


def main():
    params, losses = train()
    for step in (0, 50, 100, 150, 200, 250):
        print(f"steps {step:3} to {step + 49}: mean loss {np.mean(losses[step : step + 50]):.3f}")
    print(f"right on {accuracy(params):.1%} of new points")


if __name__ == "__main__":
    main()
