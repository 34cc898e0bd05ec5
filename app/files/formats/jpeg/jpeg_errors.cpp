#include "files/formats/jpeg/jpeg_errors.hpp"

namespace conv {

void jump_from_jpeg_error(j_common_ptr info) {
    JpegErrors& errors = *reinterpret_cast<JpegErrors*>(info->err);
    errors.code = errors.manager.msg_code;
    errors.manager.format_message(info, errors.message.data());
    std::longjmp(errors.jump, 1);
}

}  // namespace conv
