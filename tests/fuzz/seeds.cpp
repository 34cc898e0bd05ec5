// fuzz_seeds TARGET FOLDER: writes the seeds of a fuzz target, small files of every variety that
// the program itself can write.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "files/output/output_file.hpp"

namespace {

using conv::Image;
using conv::ImageDocument;
using conv::SampleType;

void write(const std::string& path, const std::string& bytes) {
    std::ofstream(path, std::ios::binary) << bytes;
}

void write_texts(const std::string& folder, const std::vector<std::string>& texts) {
    for (std::size_t i = 0; i < texts.size(); ++i)
        write(folder + "/" + std::to_string(i), texts[i]);
}

ImageDocument picture(SampleType type, std::int64_t channels, bool alpha, std::int64_t pages) {
    ImageDocument document;
    for (std::int64_t page = 0; page < pages; ++page) {
        Image image = Image::interleaved(type, channels, 9, 13, alpha);
        const std::int64_t bytes = conv::picture_bytes(type, image.shape);
        for (std::int64_t i = 0; i < bytes; ++i) {
            image.data<std::uint8_t>()[i] = static_cast<std::uint8_t>((i * 37 + page) % 61);
        }
        document.pages.push_back(std::move(image));
    }
    return document;
}

/// Every depth, number of channels and pages that the format takes.
void write_pictures(const std::string& folder, const std::string& extension) {
    int number = 0;
    for (const SampleType type : {SampleType::u8, SampleType::u16, SampleType::f32}) {
        for (const std::int64_t channels : {1, 2, 3, 4}) {
            for (const std::int64_t pages : {1, 2}) {
                const bool alpha = channels % 2 == 0;
                const std::string path = folder + "/" + std::to_string(number++) + "." + extension;
                try {
                    conv::OutputFiles files;
                    files.add(path, picture(type, channels, alpha, pages));
                    files.commit();
                } catch (const conv::Error&) {  // what the format cannot hold is no seed
                }
            }
        }
    }
}

std::string extension_of(const std::string& format) {
    if (format == "jpeg") return "jpg";
    if (format == "tiff") return "tif";
    if (format == "pnm") return "ppm";
    return format;
}

const std::vector<std::string> kKernelTexts = {
    "0 -1 0; -1 5 -1; 0 -1 0",
    "scale: 1/9\n1 1 1\n1 1 1\n1 1 1\n",
    "[[0,-1,0],[-1,5,-1],[0,-1,0]]",
    "3 3 9 0\n1 1 1\n1 1 1\n1 1 1\n",
    "3x3+1+1: 0,1,0 1,-4,1 0,1,0",
    "Gaussian:0x1; Sobel:90",
    "(0,1,0;1,-4,1;0,1,0)",
    "%YAML:1.0\n---\nk: !!opencv-matrix\n   rows: 1\n   cols: 2\n   dt: d\n   data: [ 1., 2. ]\n",
    "{\"k\": {\"type_id\": \"opencv-matrix\", \"rows\": 1, \"cols\": 2, \"dt\": \"d\", \"data\": "
    "[1, 2]}}",
    "<?xml version=\"1.0\"?><opencv_storage><k "
    "type_id=\"opencv-matrix\"><rows>1</rows><cols>2</cols>"
    "<dt>d</dt><data>1. 2.</data></k></opencv_storage>",
    "shape: 1 2 1 2\nbias: 1\n1 2\n3 4\n"};

const std::vector<std::string> kCommandLines = {
    "-k\nsobel\n--input\n1 2 3; 4 5 6; 7 8 9",
    "--kernel\n1 2 1\n--scale\n1/4\n--size\n9x9\n--json",
    "-k\ngaussian:sigma=2\n--normalize\nsum\n--border\nconstant:1,2\n--padding\nfull",
    "-k\n9 8; 7 6\n--input\n1 2 3; 4 5 6\n--padding\nvalid\n--lowering\nrows\n-v",
    "-k\nbox:size=5\n--stride\n2,1\n--dilation\n2\n--anchor\n0,0\n--threads\n2",
    "-k\nkirsch\n--combine\nmax\n--range\nabs\n--alpha\nstraight\n--channels\n0,2",
    "--method\nfft\n--device\ncpu\n-k\nmotion:length=9,angle=30\n--convolve\n--bias\n1"};

const std::vector<std::string> kManifests = {
    R"({"schema":"conv-cli/manifest/1","key":"a","input":"/in.png","input_bytes":1,"input_time_ns":2,)"
    R"("options":"options","kernel":"kernel","version":"0","made_ns":3,)"
    R"("outputs":[{"path":"out.png","bytes":4}]})"
    "\n",
    "{}\n[]\n\n{\"schema\":\"conv-cli/manifest/1\"}\n{\"schema\": 1}\nno line"};

}  // namespace

int main(int count, char** arguments) {
    if (count != 3) {
        std::cerr << "use: fuzz_seeds TARGET FOLDER\n";
        return 2;
    }
    const std::string target = arguments[1], folder = arguments[2];
    std::filesystem::create_directories(folder);
    if (target.starts_with("fuzz_read_")) {
        write_pictures(folder, extension_of(target.substr(10)));
    } else if (target == "fuzz_filter") {
        for (const char* format : {"png", "jpg", "ppm", "tif", "npy", "exr", "webp"})
            write_pictures(folder, format);
        for (const auto& entry : std::filesystem::directory_iterator(folder)) {
            std::ifstream file(entry.path(), std::ios::binary);
            const std::string bytes((std::istreambuf_iterator<char>(file)), {});
            write(entry.path().string(), std::string("\1\2\3\0\1", 5) + bytes);
        }
    } else if (target == "fuzz_problem") {
        write_texts(folder, {"n1c3h224w224_k64r3s3_p1", "n2c4h9w8_k4r2s3_p1x2x0x3_s2x1_d2_g4",
                             "n1c1h5w5_k1r3s3_bwrap"});
    } else if (target == "fuzz_options") {
        write_texts(folder, kCommandLines);
    } else if (target == "fuzz_manifest") {
        write_texts(folder, kManifests);
    } else {
        write_texts(folder, kKernelTexts);
    }
}
