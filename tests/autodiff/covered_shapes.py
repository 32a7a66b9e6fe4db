"""Shapes, joining and taking apart, repeating and padding."""

import numpy as np
from covered import M, N, S, T, V, W, X, case

ONE = M[:, None, :, None]

for order in ("C", "F"):
    case("np.reshape", lambda x, o=order: np.reshape(x, (3, -1), order=o), T)
    case("np.ravel", lambda x, o=order: np.ravel(x, o), T)
case("np.reshape", lambda x: np.reshape(x, (1, 1)), X)
case("np.squeeze", lambda x: np.squeeze(x), ONE)
case("np.squeeze", lambda x: np.squeeze(x, axis=-1), ONE)
case("np.expand_dims", lambda x: np.expand_dims(x, (0, -1)), M)
case("np.transpose", lambda x: np.transpose(x), T)
case("np.transpose", lambda x: np.transpose(x, (1, 2, 0)), T)
case("np.permute_dims", lambda x: np.permute_dims(x, (2, 0, 1)), T)
case("np.matrix_transpose", lambda x: np.matrix_transpose(x), T)
case("np.swapaxes", lambda x: np.swapaxes(x, 0, -1), T)
case("np.moveaxis", lambda x: np.moveaxis(x, 0, -1), T)
case("np.moveaxis", lambda x: np.moveaxis(x, [0, 2], [1, 0]), T)
case("np.rollaxis", lambda x: np.rollaxis(x, 2, 1), T)
case("np.flip", lambda x: np.flip(x), T)
case("np.flip", lambda x: np.flip(x, axis=(0, 2)), T)
case("np.fliplr", lambda x: np.fliplr(x), M)
case("np.flipud", lambda x: np.flipud(x), M)
for k in (1, 2, 3, -1):
    case("np.rot90", lambda x, k=k: np.rot90(x, k), M)
case("np.rot90", lambda x: np.rot90(x, axes=(2, 1)), T)
case("np.roll", lambda x: np.roll(x, 2), M)
case("np.roll", lambda x: np.roll(x, (1, -1), axis=(0, 1)), M)
case("np.broadcast_to", lambda x: np.broadcast_to(x, (2, 2, 3)), M)
case("np.broadcast_arrays", lambda x, y: np.broadcast_arrays(x, y), M, V[:3])
case("np.atleast_1d", lambda x, y: np.atleast_1d(x, y), X, V)
case("np.atleast_2d", lambda x, y: np.atleast_2d(x, y), X, V)
case("np.atleast_3d", lambda x, y, z: np.atleast_3d(x, y, z), X, V, M)
case("np.tile", lambda x: np.tile(x, 3), V)
case("np.tile", lambda x: np.tile(x, (2, 1, 2)), M)
case("np.repeat", lambda x: np.repeat(x, 2), M)
case("np.repeat", lambda x: np.repeat(x, [1, 0, 2], axis=1), M)
case("np.resize", lambda x: np.resize(x, (4, 2)), V)
for mode in ("edge", "reflect", "symmetric", "wrap", "mean", "maximum", "minimum"):
    case("np.pad", lambda x, m=mode: np.pad(x, ((1, 2), (0, 1)), mode=m), S)
case("np.pad", lambda x: np.pad(x, 2), V)
case("np.pad", lambda x, c: np.pad(x, (1, 2), constant_values=c), V, V[:2])
case("np.pad", lambda x: np.pad(x, {-1: (0, 2)}, constant_values=1.5), M)
case("np.pad", lambda x: np.pad(x, (3, 2), mode="linear_ramp", end_values=(0.5, 2)), V)

# joining

case("np.concatenate", lambda x, y: np.concatenate([x, y]), M, N)
case("np.concatenate", lambda x, y: np.concatenate((x, y), axis=1), M, S[:2])
case("np.concatenate", lambda x, y: np.concatenate([x, y], axis=None), M, V)
case("np.concat", lambda x: np.concat([x, [1.0, 2.0]]), V)
case("np.stack", lambda x, y: np.stack([x, y], axis=-1), M, N)
case("np.vstack", lambda x, y: np.vstack([x, y]), V[:3], M)
case("np.hstack", lambda x, y: np.hstack([x, y]), V, X)
case("np.hstack", lambda x, y: np.hstack([x, y]), M, N)
case("np.dstack", lambda x, y: np.dstack([x, y]), M, N)
case("np.column_stack", lambda x, y: np.column_stack([x, y]), V[:2], M)
case("np.block", lambda a, b, c: np.block([[a, b[:, None]], [c, 1.0]]), M, V[:2], W[:3])
case("np.block", lambda a: np.block([a, 2.0]), V)
case("np.append", lambda x, y: np.append(x, y), M, X)
case("np.append", lambda x, y: np.append(x, y, axis=0), M, S)
case("np.insert", lambda x, v: np.insert(x, 2, v), V, X)
case("np.insert", lambda x, v: np.insert(x, [0, 3], v, axis=1), M, V[:2])
case("np.insert", lambda x, v: np.insert(x, 1, v, axis=0), M, V[:3])
case("np.delete", lambda x: np.delete(x, [0, 3]), V)
case("np.delete", lambda x: np.delete(x, slice(0, 2), axis=1), M)
for name in ("split", "array_split"):
    f = getattr(np, name)
    case(f"np.{name}", lambda x, f=f: f(x, 3, axis=1), M)
    case(f"np.{name}", lambda x, f=f: f(x, [1, 4]), V)
case("np.array_split", lambda x: np.array_split(x, 3), V)
case("np.hsplit", lambda x: np.hsplit(x, 3), M)
case("np.vsplit", lambda x: np.vsplit(x, 2), M)
case("np.dsplit", lambda x: np.dsplit(x, 2), T)
case("np.unstack", lambda x: np.unstack(x, axis=1), M)
case("np.lib.stride_tricks.sliding_window_view",
     lambda x: np.lib.stride_tricks.sliding_window_view(x, (2, 2)), M)  # fmt: skip
case("np.lib.stride_tricks.sliding_window_view",
     lambda x: np.lib.stride_tricks.sliding_window_view(x, 2, axis=0), M)  # fmt: skip
