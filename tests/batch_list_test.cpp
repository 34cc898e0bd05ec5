#include <doctest/doctest.h>

#include <filesystem>
#include <set>

#include "batch/batch_plan.hpp"
#include "support/filtering.hpp"

using namespace conv;
using namespace conv::test;

namespace fs = std::filesystem;

namespace {

/// A folder with empty files of these names; folders are made.
class Tree {
public:
    explicit Tree(const std::vector<std::string>& names) {
        for (const std::string& name : names) {
            fs::create_directories(fs::path(folder.file(name)).parent_path());
            write_bytes(folder.file(name), "x");
        }
    }
    std::string path(const std::string& name = "") const { return folder.file(name); }
    /// The paths of the inputs, relative to the folder.
    std::vector<std::string> found(InputQuery query) const {
        for (std::string& argument : query.arguments) argument = path(argument);
        std::vector<std::string> names;
        for (const BatchInput& input : list_inputs(query))
            names.push_back(fs::path(input.path).lexically_relative(path()).string());
        return names;
    }

    TemporaryFolder folder;
};

using Names = std::vector<std::string>;

std::string pattern_error(const std::string& pattern) {
    return error_of([&] { const OutputPattern read(pattern); });
}

std::string path_of(const std::string& pattern, const BatchInput& input, std::int64_t index = 0,
                    std::int64_t count = 1) {
    return OutputPattern(pattern).path_for(input, index, count);
}

/// The plan of a whole batch over files in a tree.
BatchPlan plan_of(const InputQuery& query, const std::string& pattern, bool in_place = false,
                  const Shard& shard = {}) {
    InputQuery full = query;
    const OutputPattern read(pattern);
    full.output_folder = read.folder();
    return plan_batch(full, list_inputs(full), read, in_place, shard);
}

}  // namespace

TEST_CASE("batch list: a NUL anywhere separates by NUL, else lines do") {
    CHECK(list_entries("a\nb c\n\nd") == Names{"a", "b c", "d"});
    CHECK(list_entries("a\r\nb\r\n") == Names{"a", "b"});
    CHECK(list_entries(std::string_view("a\nb\0c\r\0", 7)) == Names{"a\nb", "c\r"});
    CHECK(list_entries("\xef\xbb\xbf"
                       "a\n") == Names{"a"});
    CHECK(list_entries("").empty());
}

TEST_CASE("batch list: folders give their pictures in a stable order") {
    const Tree tree({"in/b.png", "in/a.jpg", "in/note.txt", "in/.hidden.png", "in/sub/c.TIF",
                     "in/sub/deep/d.npy", "in/.cache/e.png"});
    CHECK(tree.found({{"in"}, {}, false, {}, ""}) == Names{"in/a.jpg", "in/b.png"});
    CHECK(tree.found({{"in"}, {}, true, {}, ""}) ==
          Names{"in/a.jpg", "in/b.png", "in/sub/c.TIF", "in/sub/deep/d.npy"});
    CHECK(tree.found({{"in/b.png", "in"}, {}, false, {}, ""}) ==
          Names{"in/b.png", "in/a.jpg", "in/b.png"});
    CHECK(tree.found({{"in"}, {}, true, {"*.txt", "c.*"}, ""}) ==
          Names{"in/note.txt", "in/sub/c.TIF"});
}

TEST_CASE("batch list: the folder of the outputs is not searched below a searched one") {
    const Tree tree({"in/a.png", "in/out/a.png"});
    CHECK(tree.found({{"in"}, {}, true, {}, tree.path("in/out")}) == Names{"in/a.png"});
    CHECK(tree.found({{"in/out"}, {}, true, {}, tree.path("in/out")}) == Names{"in/out/a.png"});
}

TEST_CASE("batch list: links to folders are not followed, links to files are") {
    const Tree tree({"in/a.png", "other/b.png"});
    fs::create_directory_symlink(tree.path("other"), tree.path("in/link"));
    fs::create_symlink(tree.path("other/b.png"), tree.path("in/c.png"));
    CHECK(tree.found({{"in"}, {}, true, {}, ""}) == Names{"in/a.png", "in/c.png"});
}

TEST_CASE("batch list: lists name files and folders, and nothing found is an error") {
    const Tree tree({"in/a.png", "b.png", "empty/x.txt"});
    write_bytes(tree.path("list"), tree.path("b.png") + "\n" + tree.path("in") + "\n");
    CHECK(tree.found({{}, {tree.path("list")}, false, {}, ""}) == Names{"b.png", "in/a.png"});
    check_contains(error_of([&] {
                       tree.found({{"empty"}, {}, false, {}, ""});
                   }),
                   "no picture is found");
    check_contains(error_of([&] {
                       tree.found({{}, {tree.path("none")}, false, {}, ""});
                   }),
                   "cannot be opened");
}

TEST_CASE("batch pattern: placeholders stand for the input's names") {
    const BatchInput input{"photos/day 1/sea.side.jpg", "day 1"};
    CHECK(path_of("out/{name}", input) == "out/sea.side.jpg");
    CHECK(path_of("out/{dir}/{stem}-x.{ext}", input) == "out/day 1/sea.side-x.jpg");
    CHECK(path_of("out/{index}.png", input, 8, 100) == "out/009.png");
    CHECK(path_of("out/{stem}-{k}-{page}.png", input) == "out/sea.side-{k}-{page}.png");
    CHECK(path_of("{stem}.png", {"a", ""}) == "a.png");
    CHECK(path_of("out/{dir}/{stem}.png", {"a.png", ""}) == "out/a.png");
    CHECK(path_of("{dir}/{stem}.png", {"a.png", ""}) == "a.png");
    CHECK(path_of("{dir}/{stem}.png", {"in/a.png", "in"}) == "in/a.png");
    CHECK(OutputPattern("out/x-{dir}/{stem}.png").folder() == "out");
    CHECK(OutputPattern("{stem}.png").folder() == ".");
    CHECK(OutputPattern("/data/{stem}.png").folder() == "/data");
    CHECK(OutputPattern("../out/{stem}.png").folder() == "../out");
}

TEST_CASE("batch pattern: what is not understood is refused") {
    check_contains(pattern_error("out/{base}.png"), "{base} is unknown, use {name}");
    check_contains(pattern_error("out/{stem.png"), "a brace stands alone");
    check_contains(pattern_error("out/stem}.png"), "a brace stands alone");
    check_contains(pattern_error("out/"), "is a folder, use 'out/{name}'");
    check_contains(pattern_error("/tmp"), "is a folder, use '/tmp/{name}'");
    check_contains(pattern_error("-"), "a batch writes files");
    check_contains(pattern_error("out/{dir}/../{stem}.png"), "..");
}

TEST_CASE("batch pattern: no name of an input leads out of the pattern's folder") {
    for (const BatchInput& input :
         {BatchInput{"../x/a.png", "../x"}, BatchInput{"/abs/a.png", "/abs"},
          BatchInput{"b/../../a.png", "b/../.."}}) {
        CAPTURE(input.path);
        CHECK_FALSE(error_of([&] { path_of("out/{dir}/{name}", input); }).empty());
        CHECK_FALSE(error_of([&] { path_of("{dir}/{name}", input); }).empty());
        CHECK(path_of("out/{name}", input) == "out/a.png");
    }
    check_contains(error_of([] { path_of("out/{stem}/x.png", {"...png", ""}); }), "'..'");
    check_contains(error_of([] { path_of("out/{stem}.png", {"a{k}.png", ""}); }), "a brace");
}

TEST_CASE("batch plan: two inputs of one output are refused") {
    const Tree tree({"a/x.png", "b/x.jpg"});
    const BatchPlan plan =
        plan_of({{tree.path("a"), tree.path("b")}, {}, false, {}, ""}, tree.path("out/{stem}.png"));
    REQUIRE(plan.items.size() == 2);
    CHECK(plan.items[0].refusal.empty());
    check_contains(plan.items[1].refusal, "a/x.png too");
}

TEST_CASE("batch plan: inputs are replaced in place alone, and only by themselves") {
    const Tree tree({"a.png", "b.png"});
    const InputQuery query{{tree.path("a.png"), tree.path("b.png")}, {}, false, {}, ""};
    check_contains(plan_of(query, tree.path("{name}")).items[0].refusal, "use --in-place");
    CHECK(plan_of(query, tree.path("{name}"), true).items[0].refusal.empty());
    fs::create_directory(tree.path("out"));
    fs::create_symlink(tree.path("b.png"), tree.path("out/a.png"));
    const std::string refusal = plan_of(query, tree.path("out/{name}"), true).items[0].refusal;
    CHECK_FALSE(refusal.empty());
    write_bytes(tree.path("c.png"), "x");
    const InputQuery one{{tree.path("a.png"), tree.path("c.png")}, {}, false, {}, ""};
    CHECK(plan_of(one, tree.path("{name}"), true).items[1].refusal.empty());
}

TEST_CASE("batch plan: links that lead out of the folder are refused, links inside are not") {
    const Tree tree({"a.png", "b.png", "away/x", "out/deep/x"});
    const InputQuery query{{tree.path("a.png"), tree.path("b.png")}, {}, false, {}, ""};
    fs::create_symlink(tree.path("away/x"), tree.path("out/a.png"));
    fs::create_symlink("deep/x", tree.path("out/b.png"));
    const BatchPlan plan = plan_of(query, tree.path("out/{name}"));
    check_contains(plan.items[0].refusal, "leads out of");
    CHECK(plan.items[1].refusal.empty());
    fs::create_directory_symlink(tree.path("away"), tree.path("out/a"));
    check_contains(plan_of(query, tree.path("out/{stem}/new.png")).items[0].refusal,
                   "leads out of");
    // The folder that the pattern names may itself be a link.
    fs::create_directory_symlink(tree.path("away"), tree.path("named"));
    CHECK(plan_of(query, tree.path("named/{name}")).items[0].refusal.empty());
}

TEST_CASE("batch plan: outputs that the next search would take for inputs are refused") {
    const Tree tree({"in/a.png"});
    check_contains(plan_of({{tree.path("in")}, {}, false, {}, ""}, tree.path("in/{stem}-s.png"))
                       .items[0]
                       .refusal,
                   "an input of the next run");
    CHECK(plan_of({{tree.path("in")}, {}, false, {"?.png"}, ""}, tree.path("in/{stem}-s.png"))
              .items[0]
              .refusal.empty());
    CHECK(plan_of({{tree.path("in")}, {}, true, {}, ""}, tree.path("in/out/{stem}-s.png"))
              .items[0]
              .refusal.empty());
}

TEST_CASE("batch plan: shards are a partition of the list, also more than it has pictures") {
    Names names;
    for (int i = 0; i < 7; ++i) names.push_back("in/" + std::to_string(i) + ".png");
    const Tree tree(names);
    for (std::int64_t count = 1; count <= 10; ++count) {
        std::multiset<std::int64_t> seen;
        for (std::int64_t index = 1; index <= count; ++index) {
            const BatchPlan plan = plan_of({{tree.path("in")}, {}, false, {}, ""},
                                           tree.path("out/{name}"), false, {index, count, ""});
            CHECK(plan.listed == 7);
            for (const BatchItem& item : plan.items) seen.insert(item.index);
        }
        CAPTURE(count);
        CHECK(seen == std::multiset<std::int64_t>{0, 1, 2, 3, 4, 5, 6});
    }
}
