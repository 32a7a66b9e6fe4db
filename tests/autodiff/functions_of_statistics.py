"""Likelihoods, filters, kernels, moments, prices."""

import numpy as np
from user_functions import at, numbers, positive

X = numbers(15, 3, seed=1)
Y = X @ np.array([1.0, -2.0, 0.5]) + 0.1 * numbers(15, seed=2)
SUCCESS = (Y > 0).astype(float)
CHANCE = numbers(30, 5, seed=3)


@at(numbers(3))
def linear_regression_with_lasso(w):
    return np.mean((X @ w - Y) ** 2) + 0.1 * np.sum(np.abs(w))


@at(numbers(3))
def logistic_regression(w):
    z = X @ w
    return np.mean(np.logaddexp(0, z) - SUCCESS * z)


@at(numbers(3), analytic=True)
def poisson_regression(w):
    eta = X @ w
    return np.sum(np.exp(eta) - SUCCESS * eta)


@at(numbers(3, 4))
def softmax_regression(weights):
    z = X @ weights
    z = z - np.max(z, axis=1, keepdims=True)
    p = np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)
    return -np.mean(np.log(p[np.arange(15), np.arange(15) % 4]))


@at(np.array([0.2, -0.3]), analytic=True)
def normal_likelihood(p):
    mean, log_scale = p
    z = (Y - mean) / np.exp(log_scale)
    return np.sum(-0.5 * z**2 - log_scale - 0.5 * np.log(2 * np.pi))


@at(numbers(3))
def huber_regression(w):
    r = X @ w - Y
    return np.sum(np.where(np.abs(r) < 1, 0.5 * r**2, np.abs(r) - 0.5))


@at(numbers(3))
def quantile_regression(w):
    r = Y - X @ w
    return np.sum(np.maximum(0.3 * r, -0.7 * r))


@at(numbers(3, 2), numbers(3))
def mixture_of_gaussians(means, logits):
    log_weights = logits - np.log(np.sum(np.exp(logits)))
    squared = ((X[:, None, :2] - means[None]) ** 2).sum(-1)
    a = log_weights - 0.5 * squared
    top = a.max(axis=1)
    return np.sum(top + np.log(np.exp(a - top[:, None]).sum(1)))


@at(numbers(4, 4))
def normal_vector_by_cholesky(root):
    covariance = root @ root.T + 4 * np.eye(4)
    lower = np.linalg.cholesky(covariance)
    z = np.linalg.solve(lower, X[:4, :1])
    return -0.5 * np.sum(z**2) - np.sum(np.log(np.diag(lower)))


@at(numbers(4, 4))
def normal_vector_by_inverse(root):
    covariance = root @ root.T + 4 * np.eye(4)
    _, logdet = np.linalg.slogdet(covariance)
    return -0.5 * X[:4, 0] @ np.linalg.inv(covariance) @ X[:4, 0] - 0.5 * logdet


@at(np.array([0.1, 0.2, -1.0]))
def gaussian_process_evidence(log_parameters):
    length, size, noise = np.exp(log_parameters)
    t = np.linspace(0, 1, 10)
    y = np.sin(5 * t)
    kernel = size * np.exp(-0.5 * (t[:, None] - t[None, :]) ** 2 / length**2)
    lower = np.linalg.cholesky(kernel + (noise**2 + 1e-2) * np.eye(10))
    a = np.linalg.solve(lower.T, np.linalg.solve(lower, y))
    return 0.5 * y @ a + np.log(np.diagonal(lower)).sum()


@at(np.array([0.5, 0.1, -0.5]), analytic=True)
def kalman_filter_of_numbers(p):
    a, q, r = np.tanh(p[0]), np.exp(p[1]), np.exp(p[2])
    mean, spread, likelihood = 0.0, 1.0, 0.0
    for y in Y:
        mean, spread = a * mean, a * spread * a + q
        error, total = y - mean, spread + r
        likelihood += -0.5 * (np.log(2 * np.pi * total) + error**2 / total)
        gain = spread / total
        mean, spread = mean + gain * error, (1 - gain) * spread
    return likelihood


@at(0.3 * numbers(2, 2))
def kalman_filter_of_matrices(step):
    seen, q, r = np.array([[1.0, 0.0]]), 0.1 * np.eye(2), np.array([[0.2]])
    mean, spread, likelihood = np.zeros(2), np.eye(2), 0.0
    for y in Y[:6]:
        mean, spread = step @ mean, step @ spread @ step.T + q
        total = seen @ spread @ seen.T + r
        error = y - seen @ mean
        likelihood = likelihood - 0.5 * error @ np.linalg.solve(total, error)
        likelihood = likelihood - 0.5 * np.linalg.slogdet(total)[1]
        gain = spread @ seen.T @ np.linalg.inv(total)
        mean, spread = mean + gain @ error, (np.eye(2) - gain @ seen) @ spread
    return likelihood


@at(numbers(3, 3), numbers(3))
def hidden_markov_forward(logits, levels):
    log_step = logits - np.logaddexp.reduce(logits, axis=1)[:, None]
    log_p = -np.log(3.0) * np.ones(3)
    for y in Y[:6]:
        paths = log_p[:, None] + log_step
        top = np.max(paths, axis=0)
        log_p = top + np.log(np.sum(np.exp(paths - top), axis=0)) - 0.5 * (y - levels) ** 2
    return np.logaddexp.reduce(log_p)


@at(np.array([0.4, 0.2]), analytic=True)
def garch_likelihood(p):
    base, weight = np.exp(p)
    variance, total = 1.0, 0.0
    for y in Y:
        total += np.log(variance) + y**2 / variance
        variance = base + 0.3 * weight * y**2 + 0.4 * variance
    return total


@at(numbers(6))
def skewness_by_weights(x):
    w = np.arange(1.0, 7.0)
    mean = np.average(x, weights=w)
    return np.average((x - mean) ** 3, weights=w) / np.average((x - mean) ** 2, weights=w) ** 1.5


@at(numbers(7), numbers(7, seed=4))
def correlation(x, y):
    return np.corrcoef(x, y)[0, 1]


@at(numbers(3, 6))
def covariance_volume(x):
    return np.linalg.slogdet(np.cov(x) + 0.1 * np.eye(3))[1]


@at(numbers(8))
def order_statistics(x):
    z = (x - x.mean()) / x.std(ddof=1)
    middle = np.sort(z)[2:-2].mean()
    return np.median(z) ** 2 + np.percentile(z, 30) + np.quantile(z**2, 0.77) + middle + np.ptp(z)


@at(numbers(4, 2), numbers(5, 2), analytic=True)
def kernel_distance(x, y):
    def mean_kernel(a, b):
        return np.exp(-0.5 * ((a[:, None] - b[None]) ** 2).sum(-1)).mean()

    return mean_kernel(x, x) + mean_kernel(y, y) - 2 * mean_kernel(x, y)


@at(positive(4), positive(5), analytic=True)
def optimal_transport_by_sinkhorn(a, b):
    cost = np.abs(np.subtract.outer(np.arange(4.0), np.arange(5.0)))
    a, b, kernel, left = a / a.sum(), b / b.sum(), np.exp(-cost), np.ones(4)
    for _ in range(10):
        right = b / (kernel.T @ left)
        left = a / (kernel @ right)
    return np.sum(left[:, None] * kernel * right * cost)


@at(np.array([1.05, 0.95, 0.02, 0.25, 0.7]), analytic=True)
def option_price(p):
    spot, strike, rate, spread, years = p
    d1 = (np.log(spot / strike) + (rate + spread**2 / 2) * years) / (spread * np.sqrt(years))

    def below(z):
        return 0.5 * (1 + np.tanh(np.sqrt(2 / np.pi) * (z + 0.044715 * z**3)))

    d2 = d1 - spread * np.sqrt(years)
    return spot * below(d1) - strike * np.exp(-rate * years) * below(d2)


@at(np.array([101.0, 0.3, 0.05]))
def option_price_by_a_tree(p):
    spot, spread, rate = p
    steps = 10
    up = np.exp(spread * np.sqrt(1 / steps))
    q = (np.exp(rate / steps) - 1 / up) / (up - 1 / up)
    values = np.maximum(spot * up ** (2.0 * np.arange(steps + 1) - steps) - 100.0, 0.0)
    for _ in range(steps):
        values = np.exp(-rate / steps) * (q * values[1:] + (1 - q) * values[:-1])
    return values[0]


@at(np.array([1.035, 0.3]))
def asian_option_by_simulation(p):
    start, spread = p
    steps = -0.5 * spread**2 / 5 + spread * np.sqrt(1 / 5) * CHANCE
    paths = start * np.exp(np.cumsum(steps, axis=1))
    return np.maximum(paths.mean(axis=1) - 1.0, 0).mean()


@at(np.array(0.1), analytic=True)
def yield_by_newton(coupon):
    flows, years, rate = np.array([-1.0, 0.3, 0.4, 0.5]), np.arange(4), 0.05
    flows = flows + coupon * (years == 1)
    for _ in range(15):
        value = np.sum(flows / (1 + rate) ** years)
        rate = rate + value / np.sum(years * flows / (1 + rate) ** (years + 1))
    return rate
