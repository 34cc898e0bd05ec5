#include "opencv_peers.hpp"

#include <fmt/format.h>

#include <opencv2/core.hpp>
#include <opencv2/core/utility.hpp>
#include <opencv2/imgproc.hpp>
#include <optional>

namespace conv::bench {
namespace {

/// Input and result as OpenCV sees them, and how the row's border is called there.
struct Pictures {
    cv::Mat src, dst, kernel, taps;
    cv::Point anchor;
    int border = 0;
};

/// What filter2D takes of each mode.
std::optional<int> border_type(BorderMode mode) {
    if (mode == BorderMode::constant) return cv::BORDER_CONSTANT;
    if (mode == BorderMode::replicate) return cv::BORDER_REPLICATE;
    if (mode == BorderMode::reflect) return cv::BORDER_REFLECT;
    if (mode == BorderMode::reflect101) return cv::BORDER_REFLECT_101;
    return std::nullopt;
}

Pictures make_pictures(const Operands& operands) {
    const Problem& p = operands.problem();
    const SampleType samples = operands.row().type;
    const int depth = samples == SampleType::u8    ? CV_8U
                      : samples == SampleType::u16 ? CV_16U
                                                   : CV_32F;
    const int type = CV_MAKETYPE(depth, static_cast<int>(p.N));
    const int H = static_cast<int>(p.H), W = static_cast<int>(p.W);
    Pictures pictures;
    pictures.src = cv::Mat(H, W, type, const_cast<void*>(operands.samples()));
    pictures.dst = cv::Mat(H, W, type, cv::Scalar::all(0));
    pictures.kernel = cv::Mat(static_cast<int>(p.R), static_cast<int>(p.S), CV_32F,
                              const_cast<float*>(operands.weights().values.data()));
    if (!operands.taps().empty()) {
        pictures.taps =
            cv::Mat(static_cast<int>(p.S), 1, CV_32F, const_cast<float*>(operands.taps().data()));
    }
    pictures.anchor = {static_cast<int>(p.padding.left), static_cast<int>(p.padding.top)};
    pictures.border = border_type(p.border.mode).value_or(cv::BORDER_CONSTANT);
    return pictures;
}

struct Peer {
    const char* name;
    bool gaussian_only;
    double levels;  ///< how far an 8-bit result may be off
    void (*run)(const Pictures&, const cv::Mat& dst);
};

// On 8-bit pictures GaussianBlur rounds its taps to 1/256, the others the sum alone.
constexpr Peer kPeers[] = {
    {"OpenCV filter2D", false, 1,
     [](const Pictures& x, const cv::Mat& dst) {
         cv::filter2D(x.src, dst, -1, x.kernel, x.anchor, 0, x.border);
     }},
    {"OpenCV sepFilter2D", true, 1,
     [](const Pictures& x, const cv::Mat& dst) {
         cv::sepFilter2D(x.src, dst, -1, x.taps, x.taps, x.anchor, 0, x.border);
     }},
    {"OpenCV GaussianBlur", true, 2,
     [](const Pictures& x, const cv::Mat& dst) {
         cv::GaussianBlur(x.src, dst, x.kernel.size(), gaussian_sigma(x.kernel.cols), 0, x.border);
     }},
};

// Above 11x11 filter2D goes through a DFT, whose error spreads over a tile.
constexpr double kFloatTolerance = 4;

std::string rejects(const Problem& p) {
    if (p.C != 1 || p.K != 1) return "filters one 2-D kernel, not a bank";
    if (p.stride_h != 1 || p.stride_w != 1 || p.dilation_h != 1 || p.dilation_w != 1) {
        return "knows no stride or dilation";
    }
    if (p.P() != p.H || p.Q() != p.W) return "gives results as large as the input only";
    if (!border_type(p.border.mode)) return "does not know this border";
    if (!p.border.values.empty()) return "knows no border value";
    return {};
}

}  // namespace

void add_opencv_peers(const Operands& operands, int threads, Field& field) {
    if (std::string reason = rejects(operands.problem()); !reason.empty()) {
        field.refusals.push_back({"OpenCV", std::move(reason)});
        return;
    }
    for (const Peer& peer : kPeers) {
        if (peer.gaussian_only && operands.taps().empty()) continue;
        const Pictures pictures = make_pictures(operands);
        Contender contender;
        contender.name = peer.name;
        contender.role = Role::peer;
        contender.run = [pictures, threads, run = peer.run] {
            cv::setNumThreads(threads);
            run(pictures, pictures.dst);
        };
        contender.result = {operands.row().type, pictures.dst.data, operands.result_count()};
        contender.tolerance =
            operands.row().type == SampleType::f32 ? kFloatTolerance : peer.levels;
        field.contenders.push_back(std::move(contender));
    }
}

std::string opencv_version() {
    return fmt::format("{} ({}; ? is off)", CV_VERSION, cv::getCPUFeaturesLine());
}

}  // namespace conv::bench
