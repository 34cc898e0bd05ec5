#include "explain/explanation_json.hpp"

#include <nlohmann/json.hpp>

#include "explain/labelled_matrices.hpp"
#include "gemm/sgemm.hpp"
#include "results/filter_report.hpp"
#include "results/kernel_json.hpp"

namespace conv {
namespace {

using Json = nlohmann::ordered_json;

Json analysed_kernels_json(const Explanation& e) {
    Json json = kernels_json(e.kernels);
    for (std::size_t i = 0; i < e.kernels.size(); ++i) {
        const KernelProperties& p = e.properties[i];
        json[i].update({{"sum", p.sum},
                        {"absolute_sum", p.absolute_sum},
                        {"rank", p.rank},
                        {"separable", p.separable},
                        {"point_symmetric", p.point_symmetric}});
    }
    return json;
}

Json input_json(const Explanation& e) {
    const ImageDocument& document = e.input.document;
    const Image& page = document.pages.front();
    return {{"input", e.input.words},
            {"format", document.format},
            {"width", page.shape.W},
            {"height", page.shape.H},
            {"channels", page.shape.C},
            {"pages", document.pages.size()},
            {"input_depth", sample_type_name(page.type)}};
}

Json sizes_json(const Explanation& e) {
    const LoweringSizes& s = e.sizes;
    return {{"im2col",
             {{"rows", s.window},
              {"columns", s.outputs},
              {"values", s.column_values},
              {"picture_values", s.samples}}},
            {"toeplitz",
             {{"rows", s.toeplitz_rows},
              {"columns", s.samples},
              {"values", s.toeplitz_values},
              {"nonzero", s.toeplitz_nonzero}}},
            {"rows",
             {{"taps", e.problem.S},
              {"output_rows", s.rows_together},
              {"rows", s.block_rows},
              {"columns", s.block_depth}}}};
}

Json matrix_json(const LabelledMatrix& matrix) {
    Json rows = Json::array();
    for (std::int64_t i = 0; i < matrix.values.rows; ++i) {
        Json row = Json::array();
        for (std::int64_t j = 0; j < matrix.values.columns; ++j) row.push_back(matrix.values(i, j));
        rows.push_back(std::move(row));
    }
    return {{"title", matrix.title},
            {"row_names", matrix.row_names},
            {"column_names", matrix.column_names},
            {"values", std::move(rows)}};
}

Json matrices_json(const Explanation& e, const std::string& lowering) {
    Json json = Json::array();
    for (std::int64_t n = 0; n < e.source.source.shape.N; ++n) {
        for (std::int64_t g = 0; g < e.problem.groups; ++g) {
            const auto matrices = lowering_matrices(e, lowering, n, g);
            if (matrices.empty()) return Json::array();
            Json part{{"channel", n}, {"group", g}, {"steps", Json::array()}};
            for (const LabelledMatrix& matrix : matrices) {
                part["steps"].push_back(matrix_json(matrix));
            }
            json.push_back(std::move(part));
        }
    }
    return json;
}

}  // namespace

Json explanation_json(const Explanation& e, const std::string& lowering) {
    Json json{{"schema", "conv-cli/explain/1"}};
    json.update(input_json(e));
    json.update({{"kernels", analysed_kernels_json(e)},
                 {"problem", format_problem(e.problem)},
                 {"runs", e.products},
                 {"K", e.problem.K},
                 {"P", e.problem.P()},
                 {"Q", e.problem.Q()},
                 {"macs", e.problem.macs() * static_cast<double>(e.products)},
                 {"lowerings", sizes_json(e)},
                 {"method", e.choice.method->name},
                 {"device", e.choice.device->name},
                 {"reason", e.choice.reason},
                 {"candidates", candidates_json(e.choice)},
                 {"depth", sample_type_name(e.settings.depth)},
                 {"decisions", e.decisions}});
    Json matrices = matrices_json(e, lowering);
    if (!matrices.empty()) json["matrices"] = {{"lowering", lowering}, {"parts", matrices}};
    return json;
}

}  // namespace conv
