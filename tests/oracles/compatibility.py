#!/usr/bin/env python3
"""--compat TOOL against the tool itself: 40 cases each, bytes for integers, 1e-5 for floats.

usage: compatibility.py CONV_CLI [--record]
A tool that is installed (scipy, cv2, PIL, torch as Python modules; convert-im6.q16, vips,
gdal_translate, ffmpeg as programs) is asked; golden/TOOL.npz has the answers of another machine's,
with its version, for one that is not. --record writes these files. Exit code 77 without NumPy.
"""
import os
import re
import shutil
import subprocess
import sys
import tempfile

try:
    import numpy as np
except ImportError:
    print("skipped: NumPy is missing, install python3-numpy")
    sys.exit(77)

HERE = os.path.dirname(os.path.abspath(__file__))
CASES = 40


def module(name):
    try:
        return __import__(name, fromlist=["x"])
    except ImportError:
        return None


def output_of(arguments):
    return subprocess.run(arguments, check=True, capture_output=True, text=True)


def first_line(arguments):
    text = output_of(arguments)
    return (text.stdout or text.stderr).splitlines()[0]


def write_pgm(path, x):
    depth = 255 if x.dtype == np.uint8 else 65535
    with open(path, "wb") as file:
        file.write(b"P5\n%d %d\n%d\n" % (x.shape[1], x.shape[0], depth))
        file.write(x.astype(">u2" if depth > 255 else "u1").tobytes())


def read_pgm(path):
    with open(path, "rb") as file:
        data = file.read()
    fields = re.match(rb"P5\s+(\d+)\s+(\d+)\s+(\d+)\s", data)
    width, height, most = map(int, fields.groups())
    return np.frombuffer(data[fields.end():], ">u2" if most > 255 else "u1").reshape(height, width)


def rows_text(w, separator=" "):
    return separator.join(format(float(v), ".17g") for v in w.ravel())


class Tool:
    """How one tool filters x by w, and which cases it has."""
    types = ("u1",)
    sizes = ((3, 3), (5, 5))
    clamps = True          # results out of range saturate
    whole_weights = False
    divides = False        # by the kernel's sum, in float32: sums are then powers of two

    def available(self):
        return True

    def conv_options(self, case):
        return []


class OpenCv(Tool):
    name, types = "opencv", ("u1", "u2", "f4")
    sizes = ((3, 3), (5, 5), (2, 2), (4, 3), (1, 6), (7, 7))

    def available(self):
        return module("cv2")

    def version(self):
        return "OpenCV " + module("cv2").__version__

    def run(self, x, w, case, folder):
        return module("cv2").filter2D(x, -1, w)


class SciPy(Tool):
    name, types = "scipy", ("u1", "u2", "f4")
    sizes, clamps = ((3, 3), (5, 5), (2, 2), (4, 3), (1, 6), (7, 7)), False

    def available(self):
        return module("scipy.ndimage")

    def version(self):
        return "SciPy " + module("scipy").__version__

    def run(self, x, w, case, folder):
        return module("scipy.ndimage").convolve(x, w.astype(float))


class ImageMagick(Tool):
    """Written as PGM: its PNG writer, and -depth 8, cut 16 bits off where this rounds."""
    name, types = "imagemagick", ("u1", "u2")
    sizes = ((3, 3), (5, 5), (2, 2), (4, 3), (1, 6), (7, 7))

    def available(self):
        return shutil.which("convert-im6.q16")

    def version(self):
        return first_line(["convert-im6.q16", "-version"])

    def run(self, x, w, case, folder):
        write_pgm(f"{folder}/in.pgm", x)
        kernel = f"{w.shape[1]}x{w.shape[0]}: " + rows_text(w, ",")
        output_of(["convert-im6.q16", f"{folder}/in.pgm", "-virtual-pixel", "Edge", "-morphology",
                   "Convolve", kernel, f"{folder}/out.pgm"])
        return read_pgm(f"{folder}/out.pgm")


class Vips(Tool):
    name, types = "vips", ("u1", "f4")
    sizes = ((3, 3), (5, 5), (2, 2), (4, 3), (1, 6), (7, 7))

    def available(self):
        return shutil.which("vips")

    def version(self):
        return first_line(["vips", "--version"])

    def run(self, x, w, case, folder):
        raw, size = f"{folder}/in.raw", [str(x.shape[1]), str(x.shape[0])]
        x.tofile(raw)
        floats = x.dtype == np.float32
        with open(f"{folder}/w.mat", "w") as file:
            file.write(f"{w.shape[1]} {w.shape[0]} 1 0\n")
            file.writelines(rows_text(row) + "\n" for row in w)
        output_of(["vips", "rawload", raw, f"{folder}/in.v", *size, "1"] +
                  (["--format", "float"] if floats else []))
        output_of(["vips", "conv", f"{folder}/in.v", f"{folder}/out.v", f"{folder}/w.mat",
                   "--precision", "float"])
        output_of(["vips", "cast", f"{folder}/out.v", f"{folder}/cast.v",
                   "float" if floats else "uchar"])
        output_of(["vips", "rawsave", f"{folder}/cast.v", f"{folder}/out.raw"])
        return np.fromfile(f"{folder}/out.raw", x.dtype).reshape(x.shape)


class Gdal(Tool):
    name, types, sizes = "gdal", ("u1", "u2", "f4"), ((3, 3), (5, 5), (7, 7))

    def available(self):
        return shutil.which("gdal_translate")

    def version(self):
        return first_line(["gdal_translate", "--version"])

    def run(self, x, w, case, folder):
        kind = {"u1": "Byte", "u2": "UInt16", "f4": "Float32"}[x.dtype.str[1:]]
        bytes_each = x.dtype.itemsize
        x.tofile(f"{folder}/in.raw")
        raw = (f'<VRTDataset rasterXSize="{x.shape[1]}" rasterYSize="{x.shape[0]}">'
               f'<VRTRasterBand dataType="{kind}" band="1" subClass="VRTRawRasterBand">'
               '<SourceFilename relativeToVRT="1">in.raw</SourceFilename>'
               f'<ImageOffset>0</ImageOffset><PixelOffset>{bytes_each}</PixelOffset>'
               f'<LineOffset>{bytes_each * x.shape[1]}</LineOffset><ByteOrder>LSB</ByteOrder>'
               '</VRTRasterBand></VRTDataset>')
        filtered = (f'<VRTDataset rasterXSize="{x.shape[1]}" rasterYSize="{x.shape[0]}">'
                    f'<VRTRasterBand dataType="{kind}" band="1"><KernelFilteredSource>'
                    '<SourceFilename relativeToVRT="1">in.vrt</SourceFilename>'
                    '<SourceBand>1</SourceBand>'
                    f'<Kernel normalized="0"><Size>{w.shape[0]}</Size>'
                    f'<Coefs>{rows_text(w)}</Coefs></Kernel>'
                    '</KernelFilteredSource></VRTRasterBand></VRTDataset>')
        open(f"{folder}/in.vrt", "w").write(raw)
        open(f"{folder}/filtered.vrt", "w").write(filtered)
        output_of(["gdal_translate", "-q", "-of", "ENVI", f"{folder}/filtered.vrt",
                   f"{folder}/out.img"])
        return np.fromfile(f"{folder}/out.img", x.dtype).reshape(x.shape)


class Torch(Tool):
    name, types = "torch", ("f4",)
    sizes = ((3, 3), (5, 5), (2, 2), (4, 3), (1, 6), (7, 7))

    def available(self):
        return module("torch")

    def version(self):
        return "PyTorch " + module("torch").__version__

    def run(self, x, w, case, folder):
        torch = module("torch")
        result = torch.nn.functional.conv2d(torch.tensor(x)[None, None],
                                            torch.tensor(w)[None, None], padding="same")
        return result[0, 0].numpy()


class Ffmpeg(Tool):
    name, sizes, whole_weights = "ffmpeg", ((3, 3), (5, 5), (7, 7)), True
    divides = True

    def program(self):
        bundled = module("imageio_ffmpeg")
        return shutil.which("ffmpeg") or (bundled and bundled.get_ffmpeg_exe())

    def available(self):
        return self.program()

    def version(self):
        return " ".join(first_line([self.program(), "-version"]).split()[:3])

    def run(self, x, w, case, folder):
        x.tofile(f"{folder}/in.raw")
        size = f"{x.shape[1]}x{x.shape[0]}"
        numbers = " ".join(str(int(v)) for v in w.ravel())
        rdiv = ":0rdiv=0.125" if case["plain"] else ""
        output_of([self.program(), "-y", "-v", "error", "-f", "rawvideo", "-pix_fmt", "gray", "-s",
                   size, "-i", f"{folder}/in.raw", "-vf", f"convolution=0m='{numbers}'{rdiv}",
                   "-f", "rawvideo", "-pix_fmt", "gray", f"{folder}/out.raw"])
        return np.fromfile(f"{folder}/out.raw", np.uint8).reshape(x.shape)

    def conv_options(self, case):
        return ["--normalize", "none", "--scale", "0.125"] if case["plain"] else []


class Pillow(Tool):
    name, sizes, divides = "pillow", ((3, 3), (5, 5)), True

    def available(self):
        return module("PIL.ImageFilter")

    def version(self):
        return "Pillow " + module("PIL").__version__

    def run(self, x, w, case, folder):
        image, filters = module("PIL.Image"), module("PIL.ImageFilter")
        scale = 1 if case["plain"] else None
        kernel = filters.Kernel(w.shape, [float(v) for v in w.ravel()], scale)
        return np.array(image.fromarray(x).filter(kernel))

    def conv_options(self, case):
        return ["--normalize", "none"] if case["plain"] else []


TOOLS = (OpenCv, SciPy, ImageMagick, Vips, Gdal, Torch, Ffmpeg, Pillow)


def make_cases(tool):
    """Asymmetric kernels of eighths, whose sums are exact and often halves; every third sums to 0."""
    random = np.random.default_rng(sum(tool.name.encode()))
    cases = []
    for i in range(CASES):
        kind = np.dtype(tool.types[i % len(tool.types)])
        R, S = tool.sizes[i // len(tool.types) % len(tool.sizes)]
        plain = i % 3 == 0
        w = random.integers(-3 if tool.clamps else 0, 6, (R, S)).astype(np.float32)
        if plain and tool.clamps:
            w[0, 0] -= w.sum()  # sums to zero
        elif w.sum() == 0:
            w[-1, -1] += 1
        if tool.divides and not plain:
            w[0, 0] += 2 ** np.ceil(np.log2(max(1.0, float(w.sum())))) - w.sum()
        if not tool.whole_weights:
            w /= 8
        if tool.clamps is False:
            w = w / np.float32(2 ** np.ceil(np.log2(max(1.0, float(w.sum())))))
        most = {"u1": 256, "u2": 65536}.get(kind.str[1:])
        shape = (13 + i % 4, 17 - i % 5)
        x = random.integers(0, most, shape).astype(kind) if most else \
            (random.random(shape) * 300 - 100).astype(np.float32)
        cases.append({"x": x, "w": w, "plain": plain})
    return cases


def same(got, wanted, w, x):
    if got.shape != wanted.shape:
        return False
    if wanted.dtype.kind == "u":
        return np.array_equal(got, wanted)
    bound = 1e-5 * max(1.0, float(np.abs(w).sum() * np.abs(x).max()))
    return bool(np.all(np.abs(got - wanted) <= bound))


def check_tool(tool, program, record, folder):
    cases = make_cases(tool)
    path = f"{HERE}/golden/{tool.name}.npz"
    live = tool.available()
    if live:
        wanted = [tool.run(case["x"], case["w"], case, folder) for case in cases]
        version = tool.version()
        if record:
            np.savez_compressed(path, version=version,
                                **{f"case{i:02}": y for i, y in enumerate(wanted)})
    elif os.path.exists(path):
        golden = np.load(path)
        version = str(golden["version"]) + ", golden numbers"
        wanted = [golden[f"case{i:02}"] for i in range(CASES)]
    else:
        print(f"{tool.name}: not here, and no golden numbers")
        return 1
    failures = 0
    for i, (case, theirs) in enumerate(zip(cases, wanted)):
        x, w = case["x"], case["w"]
        np.save(f"{folder}/x.npy", x)
        np.save(f"{folder}/w.npy", w)
        subprocess.run([program, "apply", "-q", "--compat", tool.name, "-k", f"{folder}/w.npy",
                        "--depth", {"u1": "u8", "u2": "u16", "f4": "f32"}[x.dtype.str[1:]],
                        *tool.conv_options(case), f"{folder}/x.npy", f"{folder}/y.npy"], check=True)
        ours = np.load(f"{folder}/y.npy")
        if not same(ours, theirs, w, x):
            apart = np.abs(ours.astype(float) - theirs.astype(float))
            print(f"FAILED: {tool.name} case {i}: {x.dtype} kernel {w.shape}, "
                  f"{np.count_nonzero(apart)} samples differ, by up to {apart.max():g}")
            failures += 1
    print(f"{tool.name}: {CASES - failures} of {CASES} as {version}")
    return failures


def main(program, record):
    with tempfile.TemporaryDirectory() as folder:
        return 1 if sum(check_tool(tool(), program, record, folder) for tool in TOOLS) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], "--record" in sys.argv))
