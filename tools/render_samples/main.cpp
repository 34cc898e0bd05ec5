// Renders the pictures of sample_images/ into the directory given as the only argument.
// The same program writes the same bytes each time: no clock, no outside randomness.

#include <cstdio>
#include <exception>
#include <functional>
#include <string>

#include "encode.hpp"
#include "pictures.hpp"

namespace {

using namespace conv::samples;

struct Sample {
    const char* name;
    void (*write)(const std::string& path, const Picture& picture);
    std::function<Picture()> render;
};

const Sample kSamples[] = {
    {"scene.png", write_png8, [] { return render_scene(640, 480); }},
    {"scene16.png", write_png16, [] { return render_scene(240, 180); }},
    {"cells.png", write_png8, [] { return render_cells(480); }},
    {"logo.png", write_png8, [] { return render_logo(256); }},
    {"zoneplate.png", write_png8, [] { return render_zone_plate(512); }},
    {"hdr.tif", write_float_tiff, [] { return render_backlit_scene(160, 120); }},
    {"channels16.npy", write_npy, [] { return render_bands(64, 48); }},
};

}  // namespace

int main(int argc, char** argv) {
    if (argc != 2) {
        std::fprintf(stderr, "usage: render_samples DIRECTORY\n");
        return 2;
    }
    try {
        for (const Sample& sample : kSamples)
            sample.write(std::string(argv[1]) + '/' + sample.name, sample.render());
    } catch (const std::exception& error) {
        std::fprintf(stderr, "render_samples: error: %s\n", error.what());
        return 1;
    }
    return 0;
}
