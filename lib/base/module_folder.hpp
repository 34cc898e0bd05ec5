#pragma once

namespace conv {

/// The absolute path of the folder of this build's modules, and a line feed. The build writes its
/// own folder, the installation the one that it installs into.
extern const char kModuleFolder[4096];

}  // namespace conv
