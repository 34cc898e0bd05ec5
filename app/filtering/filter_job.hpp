#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "files/codec.hpp"
#include "files/image_document.hpp"
#include "options/device_choice.hpp"
#include "options/filter_options.hpp"
#include "pipeline/bank.hpp"
#include "pipeline/stages.hpp"

namespace conv {

/// What one command does to every file that it is given: kernels, settings and devices made ready
/// once. Nothing changes afterwards, so that threads may share it.
class FilterJob {
public:
    /// Throws Error{usage} for options and kernels that are wrong whatever the input, Error{device}
    /// for a device that is missing.
    FilterJob(const FilterOptions& options, const WriteOptions& write);
    FilterJob(const FilterJob&) = delete;
    FilterJob& operator=(const FilterJob&) = delete;

    const FilterOptions& options() const { return options_; }
    /// Of every step, as loaded.
    const std::vector<Kernel>& kernels() const { return kernels_; }
    /// The kernels of -k, and those of every --then.
    const std::vector<Bank>& banks() const { return banks_; }
    std::span<const Device> devices() const { return devices_.devices(); }
    const ReadOptions& read() const { return read_; }
    const WriteOptions& write() const { return write_; }
    /// The settings for an input whose first page is `input`: its depth is decided, what of it does
    /// not count, the curve of its light.
    FilterSettings settings_for(const PictureInfo& input, const Metadata& metadata,
                                bool array_output) const;
    /// All filterings of such an input in their order, linked, neighbours composed where that is
    /// predicted to be faster.
    std::vector<FilterStage> stages_for(const PictureInfo& input,
                                        const FilterSettings& settings) const;
    /// Whether the result has the depth of each input ("--depth same").
    bool depth_follows_input() const { return options_.depth == "same"; }
    /// Whether pages, or the channels of an array, are slices of one volume.
    bool volume() const { return options_.volume; }
    bool verifies() const { return settings_.verify_on != nullptr; }
    Codec codec() const { return codec_; }
    void set_codec(Codec codec) { codec_ = codec; }
    /// Output rows that are filtered together, rounded up to whole blocks; absent: as suits cache
    /// and memory. Results do not depend on it: tests set it.
    std::optional<std::int64_t> band_rows() const { return band_rows_; }
    void set_band_rows(std::int64_t rows) { band_rows_ = rows; }
    /// Whether whole pictures are taken into memory though rows would do. Results do not depend on
    /// it: tests set it.
    bool whole_pictures() const { return whole_pictures_; }
    void set_whole_pictures(bool whole) { whole_pictures_ = whole; }
    /// What people should know of kernels and devices, said once a command.
    const std::vector<std::string>& notes() const { return notes_; }

private:
    std::vector<FilterStage> steps_for(const PictureInfo& input,
                                       const FilterSettings& settings) const;

    FilterOptions options_;
    ReadOptions read_;
    WriteOptions write_;
    FilterSettings settings_;
    std::vector<Kernel> kernels_;
    std::vector<Bank> banks_;
    DeviceChoice devices_;
    std::vector<std::string> notes_;
    std::optional<std::int64_t> band_rows_;
    bool whole_pictures_ = false;
    Codec codec_ = Codec::automatic;
};

}  // namespace conv
