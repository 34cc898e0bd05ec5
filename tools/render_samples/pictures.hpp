#pragma once

#include "picture.hpp"

namespace conv::samples {

/// A view of the ray-traced lakeside still life; the same at any size.
Picture render_scene(int width, int height);
/// The same still life against a low sun, as linear radiance from slightly below 0 to far above 1.
Picture render_backlit_scene(int width, int height);
/// Grey fluorescence micrograph of a cell layer: membranes, nuclei, defocus, shot noise.
Picture render_cells(int size);
/// RGBA: a Gaussian kernel as dots on a tile with a soft shadow. Green wherever alpha is 0.
Picture render_logo(int size);
/// Grey, cos(pi r^2 / size): frequency r / size cycles per pixel, so Nyquist at each edge's middle.
/// Periodic in both directions for an even size.
Picture render_zone_plate(int size);
/// Reflectance of farmland beside a river in 16 bands from 420 to 1020 nm, with sensor noise.
Picture render_bands(int width, int height);

}  // namespace conv::samples
