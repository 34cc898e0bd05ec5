#!/usr/bin/env python3
"""Normalised convolution by a plain NumPy program, and by astropy.convolution where that is installed.

usage: nodata.py CONV_CLI; exit code 77 where NumPy is missing.
Every case filters one array with conv-cli and compares every sample; astropy's "interpolate" fills
the holes too, so that its results are compared where the input counts.
"""
import itertools
import subprocess
import sys
import tempfile

try:
    import numpy as np
except ImportError:
    print("skipped: NumPy is missing, install python3-numpy")
    sys.exit(77)
try:
    from astropy.convolution import convolve as astropy_convolve
except ImportError:
    astropy_convolve = None

PADS = {"constant": "constant", "replicate": "edge", "reflect": "symmetric", "reflect101": "reflect",
        "wrap": "wrap"}
METHODS = ["auto", "naive", "im2col", "gemm", "direct", "separable", "fft"]


def normalised(x, w, border, stride, nodata):
    """sum(w m x) sum(w) / sum(w m), or sum(w m (x - x0)) for kernels that sum to zero."""
    valid = ~np.isnan(x) if np.isnan(nodata) else x != nodata
    (R, S), (H, W) = w.shape, x.shape
    pads = ((R // 2, R - 1 - R // 2), (S // 2, S - 1 - S // 2))
    values = np.pad(np.where(valid, x, 0).astype(float), pads, mode=PADS[border])
    counts = np.pad(valid.astype(float), pads, mode=PADS[border],
                    **({"constant_values": 1} if border == "constant" else {}))
    num, den = np.zeros((H, W)), np.zeros((H, W))
    for r, s in itertools.product(range(R), range(S)):
        num += w[r, s] * values[r:r + H, s:s + W]
        den += w[r, s] * counts[r:r + H, s:s + W]
    total, absolute = w.sum(), np.abs(w).sum()
    if abs(total) <= 1e-6 * absolute:
        result = num - x * den
    else:
        enough = den * np.sign(total) > 1e-6 * absolute
        result = np.where(enough, num * total / np.where(enough, den, 1), nodata)
    return np.where(valid, result, x)[::stride, ::stride], valid[::stride, ::stride]


def same(got, wanted, tolerance):
    both = np.isnan(got) & np.isnan(wanted)
    return np.all(both | (np.abs(got - wanted) <= tolerance * np.maximum(1, np.abs(wanted))))


def main(program):
    random = np.random.default_rng(20260711)
    kernels = [np.ones((3, 3)) / 9, random.random((5, 3)), -random.random((4, 6)),
               np.array([[-1.0, 0, 1], [-2, 0, 2], [-1, 0, 1]]), random.random((9, 9)) - 0.2]
    failures = cases = compared = 0
    with tempfile.TemporaryDirectory() as folder:
        for i, (border, k, stride) in enumerate(itertools.product(PADS, range(5), (1, 2, 3))):
            if cases == 60:
                break
            cases += 1
            nodata = [np.nan, -9999.0, np.float32(-3.4028235e38)][i % 3]
            x = (random.random((41, 37)) * 200 - 50).astype(np.float32)
            x[random.random(x.shape) < 0.1] = nodata
            x[5:20, 8:21] = nodata
            w = kernels[k].astype(np.float32)
            method = METHODS[i % len(METHODS)]
            if method == "separable" and np.linalg.matrix_rank(w) > 1:
                method = "direct"
            np.save(f"{folder}/x.npy", x)
            np.save(f"{folder}/w.npy", w)
            subprocess.run([program, "apply", "-q", "-k", f"{folder}/w.npy", "--border", border,
                            "--stride", str(stride), "--method", method, f"--nodata={nodata!r}"
                            .replace("np.float32(", "").replace(")", ""), f"{folder}/x.npy",
                            f"{folder}/y.npy"], check=True)
            got = np.load(f"{folder}/y.npy")
            wanted, valid = normalised(x, w.astype(float), border, stride, nodata)
            tolerance = 1e-5 * max(1.0, np.abs(w).sum() * 50)
            if got.shape != wanted.shape or not same(got, wanted, tolerance):
                print(f"FAILED: {border} kernel {k} stride {stride} {method} nodata {nodata}:",
                      np.nanmax(np.abs(got - wanted)))
                failures += 1
            kept = got[~valid].tobytes() == x[::stride, ::stride][~valid].tobytes()
            if not kept:
                print(f"FAILED: {border} kernel {k}: missing samples changed")
                failures += 1
            # astropy wants odd sizes, and its borders are constant, edge (extend) and wrap.
            modes = {"constant": "fill", "replicate": "extend", "wrap": "wrap"}
            odd = w.shape[0] % 2 == 1 and w.shape[1] % 2 == 1
            if astropy_convolve and border in modes and odd and k in (0, 1):
                compared += 1
                holes = np.where(x == nodata, np.nan, x) if not np.isnan(nodata) else x
                theirs = astropy_convolve(holes.astype(float), w[::-1, ::-1].astype(float),
                                          boundary=modes[border], nan_treatment="interpolate",
                                          normalize_kernel=True, preserve_nan=True)
                theirs = (theirs * w.astype(float).sum())[::stride, ::stride]
                use = valid & ~np.isnan(theirs)
                if not np.all(np.abs(got - theirs)[use] <= 1e-5 * np.maximum(1, np.abs(theirs[use]))):
                    print(f"FAILED: astropy, {border} kernel {k} stride {stride}:",
                          np.abs(got - theirs)[use].max())
                    failures += 1
    print(f"{cases} cases, {compared} of them against astropy, {failures} failures")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
