#include <doctest/doctest.h>

#include <algorithm>
#include <sstream>

#include "support/command_line.hpp"
#include "support/test_files.hpp"

using namespace conv;
using namespace conv::test;
using Json = nlohmann::json;

namespace {

bool is_of_type(const Json& value, const std::string& type) {
    if (type == "object") return value.is_object();
    if (type == "array") return value.is_array();
    if (type == "string") return value.is_string();
    if (type == "boolean") return value.is_boolean();
    if (type == "integer") return value.is_number_integer();
    if (type == "number") return value.is_number();
    if (type == "null") return value.is_null();
    FAIL("the schemas use no type '" << type << "'");
    return false;
}

bool has_type(const Json& value, const Json& types) {
    if (types.is_string()) return is_of_type(value, types);
    return std::any_of(types.begin(), types.end(),
                       [&](const Json& type) { return is_of_type(value, type); });
}

/// Where the value breaks the schema, each with its place; of JSON Schema what docs/schemas use.
void collect_faults(const Json& value, const Json& schema, const std::string& place,
                    std::vector<std::string>& faults) {
    if (schema.contains("const") && value != schema["const"])
        faults.push_back(place + " is " + value.dump());
    if (schema.contains("type") && !has_type(value, schema["type"]))
        faults.push_back(place + " is no " + schema["type"].dump() + " but " + value.dump());
    if (value.is_object() && schema.contains("properties")) {
        for (const Json& name : schema["required"]) {
            if (!value.contains(name)) faults.push_back(place + " lacks " + name.dump());
        }
        for (const auto& [name, member] : value.items()) {
            const bool known = schema["properties"].contains(name);
            if (!known) faults.push_back(place + "." + name + " is not in the schema");
            if (known) {
                collect_faults(member, schema["properties"][name], place + "." + name, faults);
            }
        }
    }
    if (!value.is_array() || !schema.contains("items")) return;
    for (const Json& item : value) collect_faults(item, schema["items"], place + "[]", faults);
}

std::vector<std::string> faults(const Json& document) {
    const std::string schema = document.at("schema");  // "conv-cli/apply/1"
    std::string file = schema.substr(schema.find('/') + 1);
    file[file.find('/')] = '-';
    const Json rules = Json::parse(read_bytes(source_folder() + "/docs/schemas/" + file + ".json"));
    std::vector<std::string> found;
    collect_faults(document, rules, schema, found);
    return found;
}

void check_document(const std::string& text) {
    const Json document = Json::parse(text);
    const std::vector<std::string> found = faults(document);
    CHECK_MESSAGE(found.empty(), (found.empty() ? "" : found.front()));
}

}  // namespace

TEST_CASE("json: every document is what its schema says, and nothing else") {
    const TemporaryFolder folder;
    const std::string scene = sample("scene.png"), out = folder.file("a.png");
    const std::vector<std::vector<std::string>> commands = {
        {"apply", "-k", "gaussian:sigma=1", "--json", scene, out},
        {"apply", "-k", "log", "--range", "rescale", "--alpha", "copy", "--json",
         sample("logo.png"), out},
        {"apply", "-k", "box", "--method", "im2col", "--depth", "f32", "--json", scene,
         folder.file("{k}.tif")},
        {"explain", "-k", "9 8; 7 6", "--input", "1 2 3; 4 5 6; 7 8 9", "--json"},
        {"explain", "-k", "gaussian:sigma=9", "--size", "1000x1000x3", "--json"},
        {"compare", "-k", "box", "--repeat", "1", "--methods", "naive,gemm,winograd", "--json",
         sample("cells.png")},
        {"compare", "-k", "gaussian:sigma=1", "--sweep", "sizes=3,5", "--repeat", "1", "--methods",
         "direct", "--json", sample("cells.png")},
        {"kernel", "list", "--json"},
        {"kernel", "show", "gabor-bank", "--json"},
        {"kernel", "show", "shape: 1 1 2 2\nanchor: 1,1\nbias: 3\n1 2\n3 4", "--json"},
        {"kernel", "convert", "--json", "box", folder.file("box.npy")},
        {"devices", "--json"},
        {"batch", "-k", "box", "-o", folder.file("b") + "/{name}", "--json", scene}};
    for (const auto& command : commands) {
        CAPTURE(command);
        const Run result = run(command);
        CHECK(result.code == 0);
        check_document(result.out);
    }
    check_document(run({"kernel", "check", "--json", sample("kernels/emboss.txt"), scene}).out);
}

TEST_CASE("json: reports and progress of batch are what their schemas say, line by line") {
    const TemporaryFolder folder;
    const std::string report = folder.file("report.jsonl");
    const Run result =
        run({"batch", "-k", "box", "-o", folder.file("b") + "/{name}", "--report", report,
             "--progress", "json", sample("scene.png"), folder.file("missing.png")});
    CHECK(result.code == 1);
    std::istringstream lines(read_bytes(report) + result.err);
    std::size_t documents = 0;
    for (std::string line; std::getline(lines, line);) {
        if (!line.starts_with('{')) continue;
        check_document(line);
        ++documents;
    }
    CHECK(documents >= 2);
}

TEST_CASE("json: docs/json.md describes every field of every schema") {
    const std::string page = read_bytes(source_folder() + "/docs/json.md");
    for (const auto& entry :
         std::filesystem::directory_iterator(source_folder() + "/docs/schemas")) {
        const Json schema = Json::parse(read_bytes(entry.path().string()));
        const std::string name = schema.at("title");
        CAPTURE(name);
        const std::size_t at = page.find("\n## " + name + "\n");
        REQUIRE(at != std::string::npos);
        const std::string section = page.substr(at, page.find("\n## ", at + 4) - at);
        for (const auto& property : schema.at("properties").items()) {
            const std::string& field = property.key();
            CAPTURE(field);
            const bool described =
                section.find('`' + field + '`') != std::string::npos ||
                page.substr(0, page.find("\n## ")).find('`' + field + '`') != std::string::npos;
            CHECK(described);
        }
    }
}

TEST_CASE("json: the check of schemas finds what is missing, added and of another type") {
    Json document = Json::parse(run({"kernel", "list", "--json"}).out);
    REQUIRE(faults(document).empty());
    Json added = document, missing = document, other = document;
    added["kernels"][0]["more"] = 1;
    missing["kernels"][0].erase("summary");
    other["kernels"][0]["name"] = 7;
    CHECK(faults(added).size() == 1);
    CHECK(faults(missing).size() == 1);
    CHECK(faults(other).size() == 1);
}
