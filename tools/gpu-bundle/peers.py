#!/usr/bin/env python3
"""What other libraries of this machine take for the rows of conv_device_bench, on its CUDA device.

    peers.py CONV_DEVICE_BENCH [ROWS]

Peers: cuDNN through PyTorch, in strict float32 (TF32 off), and OpenCV's CUDA filters. A peer that is not
there is left out by name, as is a row that it cannot compute. Medians of ten runs by the device's events;
operands are on the device before, results stay there. Prints a table in the form of docs/benchmarks.md.
"""
import re
import statistics
import subprocess
import sys

RUNS = 10


def parse_problem(text):
    """Sizes of "n1c3h224w224_k64r3s3_p1_s2_g2_breflect101", as the library writes it."""
    head, kernel, *rest = text.split("_")
    p = dict(zip("NCHW", map(int, re.fullmatch(r"n(\d+)c(\d+)h(\d+)w(\d+)", head).groups())))
    p.update(zip("KRS", map(int, re.fullmatch(r"k(\d+)r(\d+)s(\d+)", kernel).groups())))
    p.update(padding=0, stride=1, dilation=1, groups=1, border="")
    names = {"p": "padding", "s": "stride", "d": "dilation", "g": "groups"}
    for part in rest:
        if part[0] == "b":
            p["border"] = part[1:]
        elif part[1:].isdigit():
            p[names[part[0]]] = int(part[1:])
        else:
            return None
    out = lambda size, window: (size + 2 * p["padding"] - p["dilation"] * (window - 1) - 1) // p["stride"] + 1
    p["macs"] = p["N"] * p["K"] * out(p["H"], p["R"]) * out(p["W"], p["S"]) * p["C"] // p["groups"] * p["R"] * p["S"]
    return p


def rows_of(bench, pattern):
    """(name, problem, sample type) of each row."""
    command = [bench, "--list"] + (["--rows", pattern] if pattern else [])
    for line in subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines():
        name, text, kind = line.split()
        yield name, parse_problem(text), kind


def print_row(name, peer, milliseconds, macs):
    print(f"| {name} | {peer} | {milliseconds:.3f} | {macs / milliseconds / 1e6:.1f} |", flush=True)


class Torch:
    """cuDNN, channels apart or a bank, on pictures that are padded before."""

    def __init__(self):
        import torch

        if not torch.cuda.is_available():
            raise ImportError("PyTorch sees no CUDA device")
        torch.backends.cudnn.allow_tf32 = False
        torch.backends.cuda.matmul.allow_tf32 = False
        torch.backends.cudnn.benchmark = True
        self.torch = torch
        self.name = "cuDNN, float32"
        self.about = (f"PyTorch {torch.__version__}, cuDNN {torch.backends.cudnn.version()}, "
                      f"{torch.cuda.get_device_name(0)}, TF32 off")

    def milliseconds(self, body):
        torch = self.torch
        times = []
        for run in range(RUNS + 3):
            start, end = torch.cuda.Event(enable_timing=True), torch.cuda.Event(enable_timing=True)
            start.record()
            body()
            end.record()
            torch.cuda.synchronize()
            if run >= 3:
                times.append(start.elapsed_time(end))
        return statistics.median(times)

    def run(self, p, kind):
        torch = self.torch
        if kind != "f32":
            return None
        pad = p["padding"]
        src = torch.rand(p["N"], p["C"], p["H"] + 2 * pad, p["W"] + 2 * pad, device="cuda")
        weights = torch.rand(p["K"], p["C"] // p["groups"], p["R"], p["S"], device="cuda")
        convolve = torch.nn.functional.conv2d
        with torch.no_grad():
            return self.milliseconds(lambda: convolve(src, weights, stride=p["stride"],
                                                      dilation=p["dilation"], groups=p["groups"]))

    def copy_rate(self):
        """Bytes a second of copies within the device, read and written: what no filter passes."""
        torch = self.torch
        source = torch.empty(1 << 26, dtype=torch.float32, device="cuda")
        target = torch.empty_like(source)
        return 2 * source.numel() * 4 / (self.milliseconds(lambda: target.copy_(source)) / 1e3)


class Opencv:
    """cv::cuda's linear filter: one channel, or four."""

    def __init__(self):
        import cv2
        import numpy

        if cv2.cuda.getCudaEnabledDeviceCount() == 0:
            raise ImportError("cv2 is built without CUDA, or sees no device")
        self.cv2, self.numpy = cv2, numpy
        self.name = "OpenCV CUDA"
        self.about = f"OpenCV {cv2.__version__} with CUDA"

    def run(self, p, kind):
        cv2, numpy = self.cv2, self.numpy
        plain = p["K"] == p["C"] == p["stride"] == p["dilation"] == 1
        if not plain or p["N"] != 1 or max(p["R"], p["S"]) > 16 or kind == "u16":
            return None
        depth = cv2.CV_32F if kind == "f32" else cv2.CV_8U
        source = cv2.cuda.GpuMat()
        source.upload((numpy.random.rand(p["H"], p["W"]) * 255).astype("f4" if kind == "f32" else "u1"))
        target = cv2.cuda.GpuMat(p["H"], p["W"], depth)
        kernel = numpy.random.rand(p["R"], p["S"]).astype("f4")
        linear = cv2.cuda.createLinearFilter(depth, depth, kernel / kernel.sum(), (-1, -1),
                                             cv2.BORDER_REFLECT_101)
        stream, times = cv2.cuda.Stream(), []
        for run in range(RUNS + 3):
            start, end = cv2.cuda.Event(), cv2.cuda.Event()
            start.record(stream)
            linear.apply(source, target, stream)
            end.record(stream)
            end.waitForCompletion()
            if run >= 3:
                times.append(cv2.cuda.Event.elapsedTime(start, end))
        return statistics.median(times)


def main():
    bench, pattern = sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else ""
    peers = []
    for make in (Torch, Opencv):
        try:
            peers.append(make())
            print(f"{peers[-1].name}: {peers[-1].about}.")
        except Exception as reason:  # whatever a foreign library says while it starts
            print(f"Left out: {make.__name__.lower()}, {str(reason).splitlines()[0]}.")
    if not peers:
        return
    if isinstance(peers[0], Torch):
        print(f"Copies within the device's memory: {peers[0].copy_rate() / 1e9:.1f} GB/s, read and written.")
    print("\n| row | peer | compute ms | GMAC/s |\n|---|---|---:|---:|")
    for name, p, kind in rows_of(bench, pattern):
        for peer in peers:
            try:
                milliseconds = peer.run(p, kind) if p else None
            except Exception as reason:
                print(f"| {name} | {peer.name} | left out: {str(reason).splitlines()[0]} | |")
                continue
            if milliseconds is not None:
                print_row(name, peer.name, milliseconds, p["macs"])


main()
