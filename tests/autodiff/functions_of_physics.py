"""Mechanics, fields, chemistry: energies, and what is integrated in time."""

import numpy as np
from user_functions import at, numbers, positive


@at(np.array([1.0, 0.2, -0.3, 0.9]), analytic=True)
def kepler_energy(state):
    q, p = state[:2], state[2:]
    return 0.5 * p @ p - 1.0 / np.sqrt(q @ q)


@at(np.array([0.7, 0.1]), analytic=True)
def pendulum_by_symplectic_euler(state):
    angle, speed = state
    for _ in range(40):
        speed = speed - 0.05 * np.sin(angle)
        angle = angle + 0.05 * speed
    return angle**2 + speed


@at(np.array([1.0, 2.0, 0.5]), analytic=True)
def lorenz_by_runge_kutta(p):
    def rate(y):
        return np.array([
            10 * p[0] * (y[1] - y[0]),
            y[0] * (14 * p[1] - y[2]) - y[1],
            y[0] * y[1] - 8 / 3 * p[2] * y[2],
        ])  # fmt: skip

    y, h = np.array([1.0, 1.0, 1.0]), 0.01
    for _ in range(6):
        k1 = rate(y)
        k2 = rate(y + h / 2 * k1)
        k3 = rate(y + h / 2 * k2)
        k4 = rate(y + h * k3)
        y = y + h / 6 * (k1 + 2 * k2 + 2 * k3 + k4)
    return np.sum(y**2)


@at(1.5 * np.indices((2, 2, 2)).reshape(3, -1).T + 0.1 * numbers(8, 3), analytic=True)
def lennard_jones_of_pairs(x):
    apart = x[:, None, :] - x[None, :, :]
    squared = np.sum(apart**2, axis=-1) + np.eye(len(x))
    sixth = 1.0 / squared**3
    return 4 * np.sum((sixth**2 - sixth)[np.triu_indices(len(x), 1)])


@at(numbers(5, 2))
def coulomb_by_loops(x):
    energy = 0.0
    for i in range(len(x)):
        for j in range(i):
            energy += 1.0 / np.linalg.norm(x[i] - x[j])
    return energy


@at(numbers(6), analytic=True)
def ising_free_energy(field):
    coupling = np.diag(np.ones(5), 1) + np.diag(np.ones(5), -1)
    m = np.tanh(field)
    up, down = (1 + m) / 2, (1 - m) / 2
    return -0.5 * m @ coupling @ m + np.sum(up * np.log(up) + down * np.log(down))


@at(numbers(12), analytic=True)
def heat_by_rolls(u):
    for _ in range(8):
        u = u + 0.2 * (np.roll(u, 1) - 2 * u + np.roll(u, -1))
    return np.sum(u**4)


@at(numbers(10))
def burgers_upwind(u):
    for _ in range(4):
        back, ahead = u - np.roll(u, 1), np.roll(u, -1) - u
        u = u - 0.05 * u * np.where(u > 0, back, ahead)
    return np.sum(u**2)


@at(numbers(5, 5))
def waves_on_a_membrane(u):
    before, now = u, u
    for _ in range(4):
        p = np.pad(now, 1, mode="edge")
        spread = p[2:, 1:-1] + p[:-2, 1:-1] + p[1:-1, 2:] + p[1:-1, :-2] - 4 * now
        before, now = now, 2 * now - before + 0.1 * spread
    return np.mean(now**2)


@at(np.array([0.5, 1.2, 0.8]))
def light_path_through_layers(x):
    index = np.array([1.0, 1.3, 1.5, 1.2])
    across = np.concatenate([[0.0], x, [4.0]])
    return np.sum(index * np.hypot(np.diff(across), 1.0))


@at(np.array([0.3, -0.5, 0.2]), np.array([1.0, -2.0, 0.5]), analytic=True)
def rotation_vector(w, x):
    cross = np.array([[0, -w[2], w[1]], [w[2], 0, -w[0]], [-w[1], w[0], 0]])
    t = np.sqrt(w @ w)
    turn = np.eye(3) + np.sin(t) / t * cross + (1 - np.cos(t)) / t**2 * (cross @ cross)
    return np.sum((turn @ x) * np.array([1.0, 2.0, 3.0]))


@at(np.array([0.1, 0.2, 0.3, 0.9]))
def rotation_by_quaternion(q):
    w, x, y, z = q / np.linalg.norm(q)
    turn = np.array([
        [1 - 2 * (y * y + z * z), 2 * (x * y - z * w), 2 * (x * z + y * w)],
        [2 * (x * y + z * w), 1 - 2 * (x * x + z * z), 2 * (y * z - x * w)],
        [2 * (x * z - y * w), 2 * (y * z + x * w), 1 - 2 * (x * x + y * y)],
    ])  # fmt: skip
    return (turn @ np.array([1.0, -2.0, 0.5])) @ np.array([0.3, 0.4, 0.5])


@at(np.array([0.4, -0.7, 1.1]), analytic=True)
def robot_arm_by_homogeneous_matrices(joints):
    pose = np.eye(4)
    for angle in joints:
        c, s = np.cos(angle), np.sin(angle)
        pose = pose @ np.array([[c, -s, 0, 0.5], [s, c, 0, 0], [0, 0, 1, 0.1], [0, 0, 0, 1.0]])
    return np.sum(pose[:3, 3] ** 2) + np.trace(pose[:3, :3])


@at(np.array([0.3, 0.4, -0.7]))
def spherical_coordinates(x):
    r = np.linalg.norm(x)
    return r + 2 * np.arccos(x[2] / r) + 3 * np.arctan2(x[1], x[0])


@at(np.array([0.5, 1.2]), analytic=True)
def double_pendulum_acceleration(angle):
    c = np.cos(angle[0] - angle[1])
    mass = np.block([[2.0, c], [c, 1.0]])
    force = np.sin(angle)
    return force @ np.linalg.solve(mass, force)


@at(np.array([0.9, 0.2, -2.1, 0.7]), analytic=True)
def haversine_distance(p):
    north1, east1, north2, east2 = p
    a = (
        np.sin((north2 - north1) / 2) ** 2
        + np.cos(north1) * np.cos(north2) * np.sin((east2 - east1) / 2) ** 2
    )
    return 2 * np.arcsin(np.sqrt(a))


@at(np.array([0.1, 0.9, 2.0]), analytic=True)
def predators_and_prey(p):
    prey, predators, path = 1.0, 0.5, []
    for _ in range(20):
        prey = prey + 0.05 * prey * (p[1] - p[2] * predators)
        predators = predators + 0.05 * predators * (p[0] * prey - 0.4)
        path.append((prey, predators))
    return np.sum(np.array(path)[::5])


@at(np.array([0.3, 0.1]), analytic=True)
def epidemic_by_heun(p):
    def rate(y):
        ill, well = y[1], y[0]
        return np.stack([-p[0] * well * ill, p[0] * well * ill - p[1] * ill, p[1] * ill])

    y = np.array([0.99, 0.01, 0.0])
    for _ in range(20):
        k = rate(y)
        y = y + 0.5 * (k + rate(y + k))
    return y[1] + np.log(y[2])


@at(numbers(3, 2), analytic=True)
def bodies_by_verlet(q):
    def pull(q):
        apart = q[None] - q[:, None]
        return (apart / ((apart**2).sum(-1) + 0.1)[..., None] ** 1.5).sum(1)

    speed = np.zeros_like(q)
    for _ in range(4):
        speed = speed + 0.05 * pull(q)
        q = q + 0.1 * speed
        speed = speed + 0.05 * pull(q)
    return np.sum(speed**2)


@at(np.array([1.0, 0.5]), analytic=True)
def stiff_decay_by_implicit_euler(p):
    y = p[0]
    for _ in range(4):
        z = y
        for _ in range(8):
            z = z - (z - y + 0.1 * p[1] * z**3) / (1 + 0.3 * p[1] * z**2)
        y = z
    return y


@at(positive(3), analytic=True)
def helmholtz_of_mixed_fluids(x):
    b = 0.1 * np.sum(x)
    pairs = np.outer(np.arange(1.0, 4), np.arange(1.0, 4)) + np.eye(3)
    ratio = (1 + (1 + np.sqrt(2)) * b) / (1 + (1 - np.sqrt(2)) * b)
    return np.log(x / (1 - b)) @ x - x @ pairs @ x / (np.sqrt(8) * b) * np.log(ratio)


@at(np.array([3.0, 2.5]))
def planck_spectrum(p):
    temperature, wavelength = p
    return np.log(2 / wavelength**5 / np.expm1(14.388 / (wavelength * temperature)))
