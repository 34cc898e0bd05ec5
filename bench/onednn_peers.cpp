#include "onednn_peers.hpp"

#include <fmt/format.h>

#include <omp.h>

#include <oneapi/dnnl/dnnl_debug.h>
#include <oneapi/dnnl/dnnl.hpp>
#include <unordered_map>

#include "timing/timing.hpp"

namespace conv::bench {
namespace {

using dnnl::memory;
using Tag = memory::format_tag;

struct Shapes {
    memory::dims src, weights, dst, strides, dilations, padding_before, padding_after;
    Tag weights_tag;

    explicit Shapes(const Problem& p)
        : src{p.N, p.C, p.H, p.W},
          weights{p.K, p.C, p.R, p.S},
          dst{p.N, p.K, p.P(), p.Q()},
          strides{p.stride_h, p.stride_w},
          dilations{p.dilation_h - 1, p.dilation_w - 1},
          padding_before{p.padding.top, p.padding.left},
          padding_after{p.padding.bottom, p.padding.right},
          weights_tag(Tag::oihw) {
        if (p.groups == 1) return;
        weights = {p.groups, p.group_kernels(), p.group_channels(), p.R, p.S};
        weights_tag = Tag::goihw;
    }
};

memory::desc descriptor(const memory::dims& dims, Tag tag) {
    return {dims, memory::data_type::f32, tag};
}

dnnl::convolution_forward::primitive_desc choose(const dnnl::engine& engine, const Shapes& s,
                                                 dnnl::algorithm algorithm) {
    const dnnl::convolution_forward::desc desc(
        dnnl::prop_kind::forward_inference, algorithm, descriptor(s.src, Tag::any),
        descriptor(s.weights, Tag::any), descriptor(s.dst, Tag::any), s.strides, s.dilations,
        s.padding_before, s.padding_after);
    dnnl::primitive_attr attributes;
    attributes.set_scratchpad_mode(dnnl::scratchpad_mode::user);
    return {desc, attributes, engine};
}

/// One convolution with its tensors: plain outside, oneDNN's own layouts inside.
class Layer {
public:
    Layer(const Operands& operands, dnnl::algorithm algorithm)
        : engine_(dnnl::engine::kind::cpu, 0),
          stream_(engine_),
          shapes_(operands.problem()),
          chosen_(choose(engine_, shapes_, algorithm)),
          result_(operands.result_count()),
          src_(descriptor(shapes_.src, Tag::nchw), engine_, const_cast<void*>(operands.samples())),
          dst_(descriptor(shapes_.dst, Tag::nchw), engine_, result_.data()),
          inner_src_(inner(chosen_.src_desc(), src_)),
          inner_dst_(inner(chosen_.dst_desc(), dst_)),
          inner_weights_(chosen_.weights_desc(), engine_),
          scratchpad_(chosen_.scratchpad_desc(), engine_),
          convolution_(chosen_) {
        memory plain(descriptor(shapes_.weights, shapes_.weights_tag), engine_,
                     const_cast<float*>(operands.weights().values.data()));
        dnnl::reorder(plain, inner_weights_).execute(stream_, plain, inner_weights_);
        stream_.wait();
        if (reorders(inner_src_, src_)) into_ = dnnl::reorder(src_, inner_src_);
        if (reorders(inner_dst_, dst_)) out_ = dnnl::reorder(inner_dst_, dst_);
    }

    void run() {
        if (into_) into_.execute(stream_, src_, inner_src_);
        convolution_.execute(stream_, {{DNNL_ARG_SRC, inner_src_},
                                       {DNNL_ARG_WEIGHTS, inner_weights_},
                                       {DNNL_ARG_DST, inner_dst_},
                                       {DNNL_ARG_SCRATCHPAD, scratchpad_}});
        if (out_) out_.execute(stream_, inner_dst_, dst_);
        stream_.wait();
    }

    const float* result() const { return result_.data(); }
    std::string implementation() const { return chosen_.impl_info_str(); }
    std::int64_t workspace_bytes() const {
        std::size_t bytes = scratchpad_.get_desc().get_size();
        if (into_) bytes += inner_src_.get_desc().get_size();
        if (out_) bytes += inner_dst_.get_desc().get_size();
        return static_cast<std::int64_t>(bytes);
    }

private:
    memory inner(const memory::desc& wanted, const memory& plain) const {
        return wanted == plain.get_desc() ? plain : memory(wanted, engine_);
    }
    static bool reorders(const memory& inner, const memory& plain) {
        return inner.get_desc() != plain.get_desc();
    }

    dnnl::engine engine_;
    dnnl::stream stream_;
    Shapes shapes_;
    dnnl::convolution_forward::primitive_desc chosen_;
    AlignedBuffer<float> result_;
    memory src_, dst_, inner_src_, inner_dst_, inner_weights_, scratchpad_;
    dnnl::convolution_forward convolution_;
    dnnl::reorder into_, out_;
};

struct Peer {
    const char* name;
    dnnl::algorithm algorithm;
    double tolerance;
};

// Winograd's transforms of 4x4 tiles lose about a decimal digit.
constexpr Peer kPeers[] = {{"oneDNN direct", dnnl::algorithm::convolution_direct, 2},
                           {"oneDNN Winograd", dnnl::algorithm::convolution_winograd, 20}};

std::string rejects(const Operands& operands) {
    const Problem& p = operands.problem();
    if (p.N != 1 || operands.row().type != SampleType::f32) return "planar float32 rows only";
    if (p.border != Border{}) return "knows a border of zeros only";
    return {};
}

}  // namespace

void add_onednn_peers(const Operands& operands, int threads, Field& field) {
    if (std::string reason = rejects(operands); !reason.empty()) {
        field.refusals.push_back({"oneDNN", std::move(reason)});
        return;
    }
    omp_set_num_threads(threads);
    for (const Peer& peer : kPeers) {
        try {
            const double start = steady_seconds();
            const auto layer = std::make_shared<Layer>(operands, peer.algorithm);
            Contender contender;
            contender.name = peer.name;
            contender.role = Role::peer;
            contender.prepare_seconds = steady_seconds() - start;
            contender.workspace_bytes = layer->workspace_bytes();
            contender.note = layer->implementation();
            contender.run = [layer, threads] {
                omp_set_num_threads(threads);
                layer->run();
            };
            contender.result = {SampleType::f32, layer->result(), operands.result_count()};
            contender.tolerance = peer.tolerance;
            field.contenders.push_back(std::move(contender));
        } catch (const dnnl::error& error) {
            field.refusals.push_back({peer.name, error.what()});
        }
    }
}

std::string onednn_version() {
    const dnnl_version_t* version = dnnl_version();
    return fmt::format("{}.{}.{} ({})", version->major, version->minor, version->patch,
                       dnnl_cpu_isa2str(dnnl_get_effective_cpu_isa()));
}

}  // namespace conv::bench
