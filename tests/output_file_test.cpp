#include "files/output/output_file.hpp"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <csignal>

#include "files/output/end_signals.hpp"
#include "support/sanitized.hpp"
#include "support/test_files.hpp"

namespace {

using namespace conv;
using namespace conv::test;

ImageDocument picture() {
    return document_of(sample_picture(SampleType::u8, 3, 5, 7));
}

mode_t mode_of(const std::string& path) {
    struct stat status = {};
    REQUIRE(stat(path.c_str(), &status) == 0);
    return status.st_mode & 07777;
}

TEST_CASE("output files: nothing appears before commit, and nothing stays without it") {
    const TemporaryFolder folder;
    write_bytes(folder.file("b.png"), "old");
    {
        OutputFiles outputs;
        outputs.add(folder.file("a.png"), picture());
        outputs.add(folder.file("b.png"), picture());
        CHECK_FALSE(std::filesystem::exists(folder.file("a.png")));
        CHECK(read_bytes(folder.file("b.png")) == "old");
    }
    CHECK(folder.entries() == 1);
    CHECK(read_bytes(folder.file("b.png")) == "old");
}

TEST_CASE("output files: commit makes all of them appear") {
    const TemporaryFolder folder;
    WriteOptions synced;
    synced.sync = true;
    OutputFiles outputs;
    outputs.add(folder.file("a.png"), picture(), synced);
    outputs.add(folder.file("b.tif"), picture());
    outputs.commit();
    CHECK(folder.entries() == 2);
    CHECK(difference(read_image(folder.file("a.png")).pages[0], picture().pages[0]) == 0);
    CHECK(difference(read_image(folder.file("b.tif")).pages[0], picture().pages[0]) == 0);
}

TEST_CASE("output files: an old file's mode is kept, a new one follows the umask") {
    const TemporaryFolder folder;
    write_bytes(folder.file("old.png"), "old");
    chmod(folder.file("old.png").c_str(), 0640);
    const mode_t mask = umask(027);
    write_image(folder.file("old.png"), picture());
    write_image(folder.file("new.png"), picture());
    umask(mask);
    CHECK(mode_of(folder.file("old.png")) == 0640);
    CHECK(mode_of(folder.file("new.png")) == 0640);
}

TEST_CASE("output files: a symbolic link is followed, also to a file that does not exist yet") {
    const TemporaryFolder folder;
    for (const std::string target : {"there.png", "not-yet.png"}) {
        if (target == "there.png") write_bytes(folder.file(target), "old");
        const std::string link = folder.file("link-" + target);
        std::filesystem::create_symlink(target, link);
        write_image(link, picture());
        CHECK(std::filesystem::is_symlink(link));
        CHECK(read_image(folder.file(target)).pages.size() == 1);
    }
}

TEST_CASE("output files: a path that cannot be written is refused before anything is computed") {
    const TemporaryFolder folder;
    write_bytes(folder.file("old.png"), "old");
    std::filesystem::create_symlink("loop.png", folder.file("loop.png"));
    WriteOptions keep;
    keep.overwrite = false;
    const auto refusal = [&](const std::string& path, const WriteOptions& options = {}) {
        return error_of([&] { check_output_path(path, options); });
    };
    CHECK(refusal(folder.file("")).find("is a directory") != std::string::npos);
    CHECK(refusal(folder.file("none/a.png")).find("does not exist") != std::string::npos);
    CHECK(refusal(folder.file("old.png/a.png")).find("cannot be written") != std::string::npos);
    CHECK(refusal(folder.file("loop.png")).find("cannot be written") != std::string::npos);
    CHECK(refusal(folder.file("old.png"), keep).find("--no-overwrite") != std::string::npos);
    CHECK(refusal(folder.file("old.png")).empty());
    CHECK(refusal(folder.file("new.png"), keep).empty());
}

TEST_CASE("output files: a full device is an error in every format") {
    if (access("/dev/full", W_OK) != 0) return;
    const TemporaryFolder folder;
    for (const std::string extension : {"png", "jpg", "tif", "webp", "bmp", "ppm", "npy"}) {
        CAPTURE(extension);
        const std::string link = folder.file("full." + extension);
        std::filesystem::create_symlink("/dev/full", link);
        const std::string message = error_of([&] { write_image(link, picture()); });
        CHECK(message.find("No space left") != std::string::npos);
        CHECK(message.starts_with(link));
    }
}

TEST_CASE("output files: two outputs to one file are refused") {
    const TemporaryFolder folder;
    OutputFiles outputs;
    outputs.add(folder.file("a.png"), picture());
    const std::string message = error_of([&] { outputs.add(folder.file("./a.png"), picture()); });
    CHECK(message.find("two outputs") != std::string::npos);
}

TEST_CASE("output files: a signal removes what was not committed") {
    if (is_thread_sanitized()) return;  // it holds the child's signals back
    const TemporaryFolder folder;
    for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
        const pid_t child = fork();
        REQUIRE(child >= 0);
        if (child == 0) {
            std::signal(signal, SIG_DFL);
            remove_pending_files_on_signals();
            OutputFiles outputs;
            outputs.add(folder.file("a.png"), picture());
            raise(signal);
            _exit(0);
        }
        int status = 0;
        waitpid(child, &status, 0);
        CHECK(WIFSIGNALED(status));
        CHECK(WTERMSIG(status) == signal);
        CHECK(folder.entries() == 0);
    }
}

}  // namespace
