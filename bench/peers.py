"""Rows of conv_bench beside peers that live on PyPI, in turns.

usage: peers.py CONV_BENCH [--rows REGEX] [--threads N] [--rounds N]

Each round runs conv_bench for a row and then every peer that can compute it, in this process; a
figure is the best and the median of all rounds, in milliseconds. One process serves one number of
threads, which some peers read once. Prints a Markdown table; the last column is the fastest peer's
time over conv-cli's.
"""

import argparse
import json
import os
import re
import statistics
import subprocess
import sys
import time

LEAST_SECONDS = 0.2  # of one contender in one round
LEAST_RUNS = 3


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("conv_bench")
    parser.add_argument("--rows", default="^(plane|rgb|gauss|bank|layer)")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=3)
    return parser.parse_args()


class Row:
    """One line of conv_bench --list: NAME PROBLEM TYPE [gaussian]."""

    def __init__(self, line):
        words = line.split()
        self.name, self.problem, self.type = words[:3]
        self.gaussian = "gaussian" in words[3:]
        self.sizes = {k: int(v) for k, v in re.findall(r"([nchwkrs])(\d+)", self.problem)}
        self.strided = re.search(r"_s\d", self.problem) is not None
        if self.strided:
            self.stride = int(re.search(r"_s(\d+)", self.problem).group(1))
            # Of `s3` and `_s2` the pattern above has kept the last.
            self.sizes["s"] = self.sizes["r"]
        self.grouped = "_g" in self.problem
        padding = re.search(r"_p(\d+)", self.problem)
        self.padding = int(padding.group(1)) if padding else 0
        self.border = "reflect101" if "_breflect101" in self.problem else "zero"

    def is_one_kernel(self):
        return self.sizes["k"] == 1 and self.sizes["c"] == 1 and not self.strided


def listed_rows(options):
    text = subprocess.run(
        [options.conv_bench, "--list", "--rows", options.rows], check=True, capture_output=True, text=True
    ).stdout
    return [Row(line) for line in text.splitlines()]


def kernel_of(row, np):
    size = row.sizes["r"]
    if not row.gaussian:
        return np.random.default_rng(1).uniform(-1, 1, (size, size)).astype(np.float32)
    x = np.arange(size) - (size - 1) / 2
    line = np.exp(-x * x / (2 * (size / 6) ** 2))
    return np.outer(line / line.sum(), line / line.sum()).astype(np.float32)


def picture_of(row, np):
    shape = (row.sizes["h"], row.sizes["w"], row.sizes["n"])
    values = np.random.default_rng(2).integers(0, 256, shape)
    return values.astype(np.uint8 if row.type == "u8" else np.float32)


def opencv_peer(row, threads):
    import cv2
    import numpy as np

    if not row.is_one_kernel():
        return {}
    cv2.setNumThreads(threads)
    picture, kernel, size = picture_of(row, np), kernel_of(row, np), row.sizes["r"]
    border = cv2.BORDER_REFLECT_101 if row.border == "reflect101" else cv2.BORDER_CONSTANT
    out = np.empty_like(picture)
    calls = [lambda: cv2.filter2D(picture, -1, kernel, dst=out, borderType=border)]
    if row.gaussian:
        line = np.ascontiguousarray(kernel.sum(axis=0))
        calls.append(lambda: cv2.sepFilter2D(picture, -1, line, line, dst=out, borderType=border))
        calls.append(lambda: cv2.GaussianBlur(picture, (size, size), size / 6, dst=out, borderType=border))
    return {"OpenCV " + cv2.__version__: calls}


def onnxruntime_peer(row, threads):
    import numpy as np
    import onnx
    import onnxruntime

    if row.border != "zero" or row.type != "f32":
        return {}
    s = row.sizes
    stride = row.stride if row.strided else 1
    groups = s["c"] if row.grouped else 1
    node = onnx.helper.make_node(
        "Conv", ["x", "w"], ["y"], pads=[row.padding] * 4, strides=[stride] * 2, group=groups
    )
    weights = np.random.default_rng(1).uniform(-1, 1, (s["k"], s["c"] // groups, s["r"], s["s"]))
    floats = onnx.TensorProto.FLOAT
    graph = onnx.helper.make_graph(
        [node],
        "convolution",
        [onnx.helper.make_tensor_value_info("x", floats, [s["n"], s["c"], s["h"], s["w"]])],
        [onnx.helper.make_tensor_value_info("y", floats, None)],
        [onnx.numpy_helper.from_array(weights.astype(np.float32), "w")],
    )
    opset = [onnx.helper.make_opsetid("", 13)]
    model = onnx.helper.make_model(graph, opset_imports=opset, ir_version=8)
    settings = onnxruntime.SessionOptions()
    settings.intra_op_num_threads = threads
    session = onnxruntime.InferenceSession(
        model.SerializeToString(), settings, providers=["CPUExecutionProvider"]
    )
    x = np.random.default_rng(2).uniform(-1, 1, (s["n"], s["c"], s["h"], s["w"])).astype(np.float32)
    return {"onnxruntime " + onnxruntime.__version__: [lambda: session.run(None, {"x": x})]}


def scipy_peer(row, threads):
    import numpy as np
    import scipy
    import scipy.ndimage
    import scipy.signal

    if not row.is_one_kernel() or row.sizes["n"] > 1 or threads > 1:
        return {}
    picture, kernel = picture_of(row, np)[:, :, 0], kernel_of(row, np)
    mode = "mirror" if row.border == "reflect101" else "constant"
    if row.gaussian:
        line = kernel.sum(axis=0)

        def call():
            scipy.ndimage.correlate1d(scipy.ndimage.correlate1d(picture, line, 0, mode=mode), line, 1, mode=mode)

    elif row.sizes["r"] <= 7:

        def call():
            scipy.ndimage.correlate(picture, kernel, mode=mode)

    else:
        padded = np.pad(picture, row.padding, "reflect" if mode == "mirror" else "constant")

        def call():
            scipy.signal.oaconvolve(padded, kernel[::-1, ::-1], "valid")

    return {"SciPy " + scipy.__version__: [call]}


def vips_peer(row, threads):
    os.environ["VIPS_CONCURRENCY"] = str(threads)
    import numpy as np
    import pyvips

    if not row.is_one_kernel():
        return {}
    picture = pyvips.Image.new_from_array(picture_of(row, np))
    kernel = kernel_of(row, np)
    line = pyvips.Image.new_from_array(kernel.sum(axis=0)[np.newaxis, :].tolist())
    mask = pyvips.Image.new_from_array(kernel.tolist())
    precision = "integer" if row.type == "u8" and row.gaussian else "float"
    if row.gaussian:
        call = lambda: picture.convsep(line, precision=precision).write_to_memory()
    else:
        call = lambda: picture.conv(mask, precision=precision).write_to_memory()
    return {"libvips " + pyvips.__version__: [call]}


PEERS = (opencv_peer, onnxruntime_peer, scipy_peer, vips_peer)


def time_runs(call, best):
    """Seconds of each run; the first is not counted, but where it takes more than ten times `best` it stays alone."""
    start = time.perf_counter()
    call()
    first = time.perf_counter() - start
    if first > 10 * best:
        return [first]
    seconds, end = [], time.perf_counter() + LEAST_SECONDS
    while len(seconds) < LEAST_RUNS or time.perf_counter() < end:
        start = time.perf_counter()
        call()
        seconds.append(time.perf_counter() - start)
    return seconds


def run_conv_bench(options, row):
    """Best seconds, and the name, of auto and of each peer of conv_bench's own."""
    command = [options.conv_bench, "--rows", f"^{row.name}$", "--methods", "auto", "--json"]
    command += ["--threads", str(options.threads), "--min-time", str(LEAST_SECONDS)]
    document = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    return document["header"], {
        m["contender"]: (m["best_seconds"], m["median_seconds"]) for m in document["rows"][0]["measurements"]
    }


def milliseconds(bests, medians):
    return f"{1e3 * min(bests):.3g} ({1e3 * statistics.median(medians):.3g})"


def measure(options, row):
    calls = {}
    for peer in PEERS:
        calls.update(peer(row, options.threads))
    bests, medians, header = {}, {}, {}
    for _ in range(options.rounds):
        header, ours = run_conv_bench(options, row)
        for name, (best, median) in ours.items():
            bests.setdefault(name, []).append(best)
            medians.setdefault(name, []).append(median)
        for name, forms in calls.items():
            runs = min((time_runs(call, min(map(min, bests.values()))) for call in forms), key=min)
            bests.setdefault(name, []).append(min(runs))
            medians.setdefault(name, []).append(statistics.median(runs))
    return header, bests, medians


def print_row(row, bests, medians):
    ours = next(name for name in bests if name.startswith("auto"))
    peers = [name for name in bests if name != ours]
    fastest = min(peers, key=lambda name: min(bests[name]))
    others = "; ".join(f"{name} {milliseconds(bests[name], medians[name])}" for name in peers)
    ratio = min(bests[fastest]) / min(bests[ours])
    print(f"| {row.name} | {ours} {milliseconds(bests[ours], medians[ours])} | {others} | {ratio:.2f} |", flush=True)


def main():
    options = arguments()
    first = True
    for row in listed_rows(options):
        header, bests, medians = measure(options, row)
        if first:
            print(f"{header['date']}, {header['cpu']}, load {header['load before']}, OpenBLAS core "
                  f"{header['OpenBLAS core']}, {options.threads} thread(s): ms, best (median)\n")
            print("| row | conv-cli | peers | fastest peer / conv-cli |\n|---|---|---|---:|")
            first = False
        print_row(row, bests, medians)


if __name__ == "__main__":
    sys.exit(main())
