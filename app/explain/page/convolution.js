// The arithmetic of the page: the sum itself and the matrices of each lowering, as lib/lowering
// builds them. Written for any engine, small interpreters included, so that tests can run it.
//
// A problem is {C, H, W, K, R, S, stride: [h, w], dilation: [h, w], padding: [top, bottom, left,
// right], border, constants (one a channel), rowsTogether}; pictures, kernels and results are flat lists in the
// order C H W, K C R S and K P Q.
var Convolution = (function () {
  "use strict";

  function modulo(i, n) {
    return ((i % n) + n) % n;
  }

  // The sample that stands at index i of a line of n samples; -1 is the constant.
  var borders = {
    constant: function (i, n) {
      return i >= 0 && i < n ? i : -1;
    },
    replicate: function (i, n) {
      return Math.min(Math.max(i, 0), n - 1);
    },
    reflect: function (i, n) {
      var at = modulo(i, 2 * n);
      return at < n ? at : 2 * n - 1 - at;
    },
    reflect101: function (i, n) {
      if (n === 1) return 0;
      var at = modulo(i, 2 * n - 2);
      return at < n ? at : 2 * n - 2 - at;
    },
    wrap: function (i, n) {
      return modulo(i, n);
    }
  };

  function outputs(size, before, after, window, stride, dilation) {
    return Math.floor((size + before + after - dilation * (window - 1) - 1) / stride) + 1;
  }

  function height(p) {
    return outputs(p.H, p.padding[0], p.padding[1], p.R, p.stride[0], p.dilation[0]);
  }

  function width(p) {
    return outputs(p.W, p.padding[2], p.padding[3], p.S, p.stride[1], p.dilation[1]);
  }

  // Padded row h and column w of the picture: the value, and where it comes from.
  function padded(p, picture, c, h, w) {
    var y = borders[p.border](h - p.padding[0], p.H);
    var x = borders[p.border](w - p.padding[2], p.W);
    if (y < 0 || x < 0) {
      return { value: p.constants[c], at: -1 };
    }
    var at = (c * p.H + y) * p.W + x;
    return { value: picture[at], at: at };
  }

  // The samples that output (y, x) reads, in the order of the weights.
  function patch(p, picture, y, x) {
    var samples = [];
    for (var c = 0; c < p.C; ++c) {
      for (var r = 0; r < p.R; ++r) {
        for (var s = 0; s < p.S; ++s) {
          var h = y * p.stride[0] + r * p.dilation[0];
          var w = x * p.stride[1] + s * p.dilation[1];
          var sample = padded(p, picture, c, h, w);
          samples.push({ value: sample.value, at: sample.at, h: h, w: w, c: c });
        }
      }
    }
    return samples;
  }

  function zeros(rows, columns) {
    var matrix = { rows: rows, columns: columns, values: [] };
    for (var i = 0; i < rows * columns; ++i) matrix.values.push(0);
    return matrix;
  }

  function product(a, b) {
    var out = zeros(a.rows, b.columns);
    for (var i = 0; i < a.rows; ++i) {
      for (var j = 0; j < b.columns; ++j) {
        var sum = 0;
        for (var k = 0; k < a.columns; ++k) {
          sum += a.values[i * a.columns + k] * b.values[k * b.columns + j];
        }
        out.values[i * b.columns + j] = sum;
      }
    }
    return out;
  }

  // The definition: the result, K P Q, bias added.
  function result(p, picture, weights, bias) {
    var P = height(p), Q = width(p), n = p.C * p.R * p.S, out = [];
    for (var k = 0; k < p.K; ++k) {
      for (var y = 0; y < P; ++y) {
        for (var x = 0; x < Q; ++x) {
          var samples = patch(p, picture, y, x), sum = 0;
          for (var i = 0; i < n; ++i) sum += weights[k * n + i] * samples[i].value;
          out.push(sum + (bias.length ? bias[k] : 0));
        }
      }
    }
    return out;
  }

  function weightMatrix(p, weights) {
    return { rows: p.K, columns: p.C * p.R * p.S, values: weights.slice() };
  }

  // C*R*S x P*Q: column y*Q + x is the patch of output (y, x).
  function columnMatrix(p, picture) {
    var P = height(p), Q = width(p), out = zeros(p.C * p.R * p.S, P * Q);
    for (var y = 0; y < P; ++y) {
      for (var x = 0; x < Q; ++x) {
        var samples = patch(p, picture, y, x);
        for (var i = 0; i < samples.length; ++i) {
          out.values[i * out.columns + y * Q + x] = samples[i].value;
        }
      }
    }
    return out;
  }

  // K*P*Q x C*H*W, and what a constant border adds to each row.
  function toeplitz(p, picture, weights) {
    var P = height(p), Q = width(p), n = p.C * p.R * p.S;
    var out = zeros(p.K * P * Q, p.C * p.H * p.W), constant = [];
    for (var row = 0; row < out.rows; ++row) {
      var k = Math.floor(row / (P * Q)), y = Math.floor(row / Q) % P, x = row % Q;
      var samples = patch(p, picture, y, x), outside = 0;
      for (var i = 0; i < n; ++i) {
        var weight = weights[k * n + i];
        if (samples[i].at < 0) outside += weight * samples[i].value;
        else out.values[row * out.columns + samples[i].at] += weight;
      }
      constant.push(outside);
    }
    return { matrix: out, constant: constant };
  }

  // Output rows first .. first + count - 1 as a sum over s of taps[s] * (the lines from s*dilation
  // on, every stride-th column).
  function rowBlock(p, picture, weights, first, count) {
    var Q = width(p), taps = [], parts = [];
    var L = (count - 1) * p.stride[0] + (p.R - 1) * p.dilation[0] + 1;
    var columns = (Q - 1) * p.stride[1] + (p.S - 1) * p.dilation[1] + 1;
    var lines = zeros(L * p.C, columns);
    for (var i = 0; i < L; ++i) {
      for (var c = 0; c < p.C; ++c) {
        for (var w = 0; w < columns; ++w) {
          lines.values[(i * p.C + c) * columns + w] =
            padded(p, picture, c, first * p.stride[0] + i, w).value;
        }
      }
    }
    for (var s = 0; s < p.S; ++s) {
      var tap = zeros(count * p.K, L * p.C), part = zeros(L * p.C, Q);
      for (var t = 0; t < count; ++t) {
        for (var k = 0; k < p.K; ++k) {
          for (c = 0; c < p.C; ++c) {
            for (var r = 0; r < p.R; ++r) {
              var column = (t * p.stride[0] + r * p.dilation[0]) * p.C + c;
              tap.values[(t * p.K + k) * tap.columns + column] =
                weights[((k * p.C + c) * p.R + r) * p.S + s];
            }
          }
        }
      }
      for (i = 0; i < part.rows; ++i) {
        for (var q = 0; q < Q; ++q) {
          part.values[i * Q + q] = lines.values[i * columns + q * p.stride[1] + s * p.dilation[1]];
        }
      }
      taps.push(tap);
      parts.push(part);
    }
    var sum = zeros(count * p.K, Q);
    for (s = 0; s < p.S; ++s) {
      var term = product(taps[s], parts[s]);
      for (i = 0; i < sum.values.length; ++i) sum.values[i] += term.values[i];
    }
    return { first: first, count: count, lines: lines, taps: taps, parts: parts, sum: sum };
  }

  // Numbers that each form holds beside the picture and the result.
  function stored(p) {
    var P = height(p), Q = width(p), n = p.C * p.R * p.S;
    var T = Math.min(p.rowsTogether, P);
    var L = (T - 1) * p.stride[0] + (p.R - 1) * p.dilation[0] + 1;
    return {
      definition: p.K * n,
      im2col: p.K * n + n * P * Q,
      toeplitz: p.K * P * Q * p.C * p.H * p.W,
      rows: p.S * T * p.K * L * p.C
    };
  }

  return {
    borders: borders, height: height, width: width, padded: padded, patch: patch,
    product: product, result: result, weightMatrix: weightMatrix, columnMatrix: columnMatrix,
    toeplitz: toeplitz, rowBlock: rowBlock, stored: stored
  };
})();
