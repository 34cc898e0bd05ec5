#include "files/formats/webp/webp_codec.hpp"

#include <webp/decode.h>
#include <webp/encode.h>

#include <memory>

#include "files/pixel_rows.hpp"

namespace conv {
namespace {

[[noreturn]] void refuse_encoding(int code) {
    if (code == VP8_ENC_ERROR_OUT_OF_MEMORY || code == VP8_ENC_ERROR_BITSTREAM_OUT_OF_MEMORY)
        fail(ErrorKind::memory, "not enough memory to encode a WebP");
    fail(ErrorKind::input, "the picture cannot be encoded as WebP: libwebp's error {}", code);
}

WebPConfig config_of(const WebpQuality& quality) {
    WebPConfig config;
    bool valid = WebPConfigInit(&config) != 0;
    config.quality = static_cast<float>(quality.quality);
    if (quality.lossless) {
        constexpr int kLevel = 6;  // of 9: libwebp's default effort
        valid = valid && WebPConfigLosslessPreset(&config, kLevel) != 0;
        config.exact = 1;  // colours under alpha 0 too
    }
    if (!valid || !WebPValidateConfig(&config))
        fail(ErrorKind::internal, "libwebp refuses its own settings");
    return config;
}

/// Grey as R = G = B.
Image grey_as_rgb(const Image& grey) {
    const auto [N, C, H, W] = grey.shape;
    Image out = Image::interleaved(SampleType::u8, 3, H, W);
    auto* pixel = out.data<std::uint8_t>();
    for (std::int64_t y = 0; y < H; ++y) {
        const std::uint8_t* row = grey.data<const std::uint8_t>() + y * grey.strides.H;
        for (std::int64_t x = 0; x < W; ++x, pixel += 3)
            pixel[0] = pixel[1] = pixel[2] = row[x * grey.strides.W];
    }
    return out;
}

}  // namespace

std::int64_t webp_encoder_bytes(const Shape& shape, bool lossless) {
    constexpr std::int64_t kTables = std::int64_t{24} << 20;
    return shape.H * shape.W * (lossless ? 48 : 38) + kTables;
}

Image decode_webp(ByteView file, const std::string& name) {
    WebPBitstreamFeatures features;
    if (WebPGetFeatures(file.data(), file.size(), &features) != VP8_STATUS_OK)
        fail(ErrorKind::input, "{}: cannot be decoded, the file is damaged", name);
    const bool alpha = features.has_alpha != 0;
    Image picture =
        Image::interleaved(SampleType::u8, alpha ? 4 : 3, features.height, features.width, alpha);
    const auto bytes = static_cast<std::size_t>(picture_bytes(picture.type, picture.shape));
    const auto decode = alpha ? WebPDecodeRGBAInto : WebPDecodeRGBInto;
    if (!decode(file.data(), file.size(), picture.data<std::uint8_t>(), bytes,
                static_cast<int>(picture.strides.H))) {
        fail(ErrorKind::input, "{}: cannot be decoded, the file is damaged", name);
    }
    return picture;
}

std::vector<std::uint8_t> encode_webp(const Image& picture, const WebpQuality& quality) {
    if (picture.shape.C == 1) return encode_webp(grey_as_rgb(picture), quality);
    if (picture.shape.C == 2) return encode_webp(grey_alpha_as_rgba(picture), quality);
    const WebPConfig config = config_of(quality);
    const Image dense = owned_interleaved(picture);
    WebPPicture coded;
    if (!WebPPictureInit(&coded)) fail(ErrorKind::internal, "another libwebp was built against");
    const std::unique_ptr<WebPPicture, void (*)(WebPPicture*)> freeing(&coded, WebPPictureFree);
    coded.use_argb = quality.lossless ? 1 : 0;
    coded.width = static_cast<int>(dense.shape.W);
    coded.height = static_cast<int>(dense.shape.H);
    const auto import = dense.shape.C == 4 ? WebPPictureImportRGBA : WebPPictureImportRGB;
    if (!import(&coded, dense.data<const std::uint8_t>(), static_cast<int>(dense.strides.H)))
        refuse_encoding(coded.error_code);
    WebPMemoryWriter memory;
    WebPMemoryWriterInit(&memory);
    const std::unique_ptr<WebPMemoryWriter, void (*)(WebPMemoryWriter*)> clearing(
        &memory, WebPMemoryWriterClear);
    coded.writer = WebPMemoryWrite;
    coded.custom_ptr = &memory;
    if (!WebPEncode(&config, &coded)) refuse_encoding(coded.error_code);
    return {memory.mem, memory.mem + memory.size};
}

}  // namespace conv
