// What the page shows and how it answers. All numbers come from Convolution.
(function () {
  "use strict";

  var data = JSON.parse(document.getElementById("data").textContent);
  var state = null;
  var timer = 0;

  var forms = [
    {
      name: "definition", title: "Definition",
      text: "Lay the kernel over the picture, multiply what lies on top of each other, add it up."
    },
    {
      name: "im2col", title: "im2col",
      text: "Each patch becomes a column, the kernel a row. One matrix product gives every output at once; " +
        "samples that patches share are stored again and again."
    },
    {
      name: "toeplitz", title: "Toeplitz",
      text: "The other way round: the picture stays one vector, the kernel becomes a matrix whose rows are the " +
        "same few numbers, shifted. Nearly all of it is zeros."
    },
    {
      name: "rows", title: "Rows",
      text: "What the method gemm multiplies: a small Toeplitz block for each column s of the kernel, times the " +
        "picture's own lines read from column s on. Nothing of the picture is copied."
    },
    {
      name: "bank", title: "Bank of kernels",
      text: "Every further kernel is one more row of the weights; the columns of the picture are made once for all."
    }
  ];

  function element(name, attributes, children) {
    var made = document.createElement(name);
    Object.keys(attributes || {}).forEach(function (key) {
      made.setAttribute(key, attributes[key]);
    });
    (children || []).forEach(function (child) {
      made.appendChild(typeof child === "string" ? document.createTextNode(child) : child);
    });
    return made;
  }

  function shown(number) {
    if (Math.abs(number) < 1e-12) return "0";
    return String(parseFloat(number.toPrecision(6))).replace("-", "\u2212");
  }

  // The problem as picture n poses it: a constant border may differ between pictures.
  function problemOf(n) {
    var p = JSON.parse(JSON.stringify(data.problem));
    p.constants = data.constants[n];
    return p;
  }

  function fresh() {
    return {
      form: state ? state.form : "definition", n: state ? state.n : 0, k: 0, y: 0, x: 0,
      p: problemOf(state ? state.n : 0),
      pictures: data.pictures.map(function (picture) { return picture.slice(); }),
      weights: data.weights.slice(), bias: data.bias.slice()
    };
  }

  function picture() {
    return state.pictures[state.n];
  }

  // A table of numbers. classOf(i, j) marks a cell; with onPick its cells can be pointed at, with
  // onEdit they can be changed.
  function grid(title, matrix, options) {
    var table = element("table", { "aria-label": title });
    if (options.columnNames) {
      var head = element("tr", {}, options.rowNames ? [element("th")] : []);
      options.columnNames.forEach(function (name) {
        head.appendChild(element("th", { scope: "col" }, [name]));
      });
      table.appendChild(head);
    }
    for (var i = 0; i < matrix.rows; ++i) {
      var row = element("tr");
      if (options.rowNames) row.appendChild(element("th", { scope: "row" }, [options.rowNames[i]]));
      for (var j = 0; j < matrix.columns; ++j) row.appendChild(gridCell(matrix, i, j, options));
      table.appendChild(row);
    }
    return element("figure", {}, [element("figcaption", {}, [title]), table]);
  }

  function gridCell(matrix, i, j, options) {
    var value = matrix.values[i * matrix.columns + j];
    var names = options.classOf ? options.classOf(i, j) : "";
    var cell = element("td", names ? { "class": names } : {});
    if (options.onEdit && options.onEdit(i, j)) {
      cell.appendChild(inputFor(value, options.onEdit(i, j)));
    } else {
      cell.textContent = options.blank && options.blank(i, j) ? "\u00b7" : shown(value);
    }
    if (options.onPick) {
      var picked = names.indexOf("pick") >= 0;
      cell.setAttribute("tabindex", picked ? "0" : "-1");
      cell.setAttribute("aria-selected", picked ? "true" : "false");
      cell.addEventListener("mouseenter", function () { options.onPick(i, j); });
      cell.addEventListener("click", function () { options.onPick(i, j); });
    }
    return cell;
  }

  function inputFor(value, change) {
    var input = element("input", { type: "text", inputmode: "decimal", value: shown(value), "aria-label": "number" });
    input.addEventListener("change", function () {
      var number = Number(input.value.replace("\u2212", "-").trim());
      if (input.value.trim() !== "" && isFinite(number)) change(number);
      render();
    });
    return input;
  }

  function names(letter, count) {
    var all = [];
    for (var i = 0; i < count; ++i) all.push(letter + i);
    return all;
  }

  function sign(text) {
    return element("span", { "class": "sign", "aria-hidden": "true" }, [text]);
  }

  function isPatch(samples, c, h, w) {
    return samples.some(function (sample) {
      return sample.c === c && sample.h === h && sample.w === w;
    });
  }

  // One channel with its border; the samples of the picture can be changed.
  function pictureGrid(c) {
    var p = state.p, samples = Convolution.patch(p, picture(), state.y, state.x);
    var rows = p.H + p.padding[0] + p.padding[1], columns = p.W + p.padding[2] + p.padding[3];
    var matrix = { rows: rows, columns: columns, values: [] };
    for (var h = 0; h < rows; ++h) {
      for (var w = 0; w < columns; ++w) matrix.values.push(Convolution.padded(p, picture(), c, h, w).value);
    }
    function inside(h, w) {
      return h >= p.padding[0] && h < p.padding[0] + p.H && w >= p.padding[2] && w < p.padding[2] + p.W;
    }
    var title = "Picture" + (p.C > 1 ? ", channel " + c : "") +
      (rows > p.H || columns > p.W ? " (grey: border " + p.border + ")" : "");
    return grid(title, matrix, {
      classOf: function (h, w) {
        return (inside(h, w) ? "" : "outside ") + (isPatch(samples, c, h, w) ? "patch" : "");
      },
      onEdit: function (h, w) {
        return inside(h, w) && function (number) {
          picture()[(c * p.H + h - p.padding[0]) * p.W + w - p.padding[2]] = number;
        };
      }
    });
  }

  function kernelGrid(k, c) {
    var p = state.p, first = (k * p.C + c) * p.R * p.S;
    var matrix = { rows: p.R, columns: p.S, values: state.weights.slice(first, first + p.R * p.S) };
    var title = "Kernel" + (p.K > 1 ? " " + k : "") + (p.C > 1 ? ", channel " + c : "");
    return grid(title, matrix, {
      classOf: function () { return k === state.k ? "row" : ""; },
      onEdit: function (r, s) {
        return function (number) { state.weights[first + r * p.S + s] = number; };
      }
    });
  }

  function resultGrid(k) {
    var p = state.p, P = Convolution.height(p), Q = Convolution.width(p);
    var all = Convolution.result(p, picture(), state.weights, state.bias);
    var matrix = { rows: P, columns: Q, values: all.slice(k * P * Q, (k + 1) * P * Q) };
    return grid("Result" + (p.K > 1 ? " of kernel " + k : ""), matrix, {
      classOf: function (y, x) { return k === state.k && y === state.y && x === state.x ? "pick" : ""; },
      onPick: function (y, x) { pick(y, x, k); }
    });
  }

  function channels(make) {
    var all = [];
    for (var c = 0; c < state.p.C; ++c) all.push(make(c));
    return all;
  }

  function definitionView() {
    return channels(pictureGrid).concat([sign("\u2217")],
      channels(function (c) { return kernelGrid(state.k, c); }), [sign("="), resultGrid(state.k)]);
  }

  function im2colView(onlyCurrent) {
    var p = state.p, Q = Convolution.width(p), outputs = Convolution.height(p) * Q;
    var columns = Convolution.columnMatrix(p, picture());
    var weights = Convolution.weightMatrix(p, state.weights);
    var product = Convolution.product(weights, columns);
    var chosen = state.y * Q + state.x;
    function pickColumn(i, j) { pick(Math.floor(j / Q), j % Q, null); }
    return [
      grid("Weights, " + weights.rows + " \u00d7 " + weights.columns, weights, {
        rowNames: names("k", p.K),
        classOf: function (i) { return i === state.k ? "row" : ""; },
        onEdit: function (i, j) {
          return function (number) { state.weights[i * weights.columns + j] = number; };
        }
      }),
      sign("\u00d7"),
      grid("Columns of the picture, " + columns.rows + " \u00d7 " + columns.columns, columns, {
        columnNames: names("", outputs),
        classOf: function (i, j) { return j === chosen ? "patch" : ""; },
        onPick: pickColumn
      }),
      sign("="),
      grid("Result, " + product.rows + " \u00d7 " + product.columns, product, {
        rowNames: names("k", p.K), columnNames: names("", outputs),
        classOf: function (i, j) {
          return j !== chosen ? "" : i === state.k ? "pick" : onlyCurrent ? "" : "patch";
        },
        onPick: function (i, j) { pick(Math.floor(j / Q), j % Q, i); }
      })
    ].concat(channels(pictureGrid));
  }

  function toeplitzView() {
    var p = state.p, P = Convolution.height(p), Q = Convolution.width(p);
    var lowered = Convolution.toeplitz(p, picture(), state.weights), matrix = lowered.matrix;
    var ones = state.weights.map(function () { return 1; });
    var pattern = Convolution.toeplitz(p, picture(), ones).matrix;
    var vector = { rows: matrix.columns, columns: 1, values: picture() };
    var product = Convolution.product(matrix, vector);
    var constant = lowered.constant.some(function (value) { return value !== 0; });
    lowered.constant.forEach(function (value, i) { product.values[i] += value; });
    var chosen = (state.k * P + state.y) * Q + state.x;
    function pickRow(i) { pick(Math.floor(i / Q) % P, i % Q, Math.floor(i / (P * Q))); }
    function reads(j) { return pattern.values[chosen * pattern.columns + j] !== 0; }
    var sheets = [
      grid("Toeplitz matrix of the kernel, " + matrix.rows + " \u00d7 " + matrix.columns, matrix, {
        classOf: function (i, j) { return i === chosen ? (reads(j) ? "row" : "") : ""; },
        blank: function (i, j) { return pattern.values[i * pattern.columns + j] === 0; },
        onPick: pickRow
      }),
      sign("\u00d7"),
      grid("Picture as a vector", vector, { classOf: function (i) { return reads(i) ? "patch" : ""; } })
    ];
    if (constant) {
      sheets.push(sign("+"), grid("Border", { rows: matrix.rows, columns: 1, values: lowered.constant }, {}));
    }
    sheets.push(sign("="), grid("Result as a vector", product, {
      classOf: function (i) { return i === chosen ? "pick" : ""; }, onPick: pickRow
    }));
    return sheets;
  }

  function rowsView() {
    var p = state.p, P = Convolution.height(p), T = Math.min(p.rowsTogether, P);
    var first = Math.floor(state.y / T) * T, count = Math.min(T, P - first), sheets = [];
    var block = Convolution.rowBlock(p, picture(), state.weights, first, count);
    var row = (state.y - first) * p.K + state.k;
    var lines = [];
    for (var i = 0; i < block.lines.rows / p.C; ++i) {
      for (var c = 0; c < p.C; ++c) {
        lines.push("line " + (first * p.stride[0] + i - p.padding[0]) + (p.C > 1 ? " c" + c : ""));
      }
    }
    block.taps.forEach(function (tap, s) {
      if (s > 0) sheets.push(sign("+"));
      sheets.push(grid("Kernel column s = " + s + ", " + tap.rows + " \u00d7 " + tap.columns, tap, {
        classOf: function (i, j) { return i !== row ? "" : tapReads(j) ? "row" : ""; },
        blank: function (i, j) { return !bandReads(i, j); }
      }), sign("\u00d7"), grid("lines from column " + s * p.dilation[1] + " on", block.parts[s], {
        rowNames: lines,
        classOf: function (i, j) { return j === state.x && tapReads(i) ? "patch" : ""; }
      }));
    });
    function bandReads(i, j) {
      var offset = Math.floor(j / p.C) - Math.floor(i / p.K) * p.stride[0];
      return offset >= 0 && offset % p.dilation[0] === 0 && offset / p.dilation[0] < p.R;
    }
    function tapReads(j) { return bandReads(row, j); }
    var title = "Output rows " + first + " to " + (first + count - 1) +
      (count < P ? " (of " + P + ": the next block follows)" : "");
    sheets.push(sign("="), grid(title, block.sum, {
      classOf: function (i, j) { return i === row && j === state.x ? "pick" : ""; },
      onPick: function (i, j) { pick(first + Math.floor(i / p.K), j, i % p.K); }
    }));
    return sheets;
  }

  function bankView() {
    var sheets = im2colView(false);
    for (var k = 0; k < state.p.K; ++k) sheets.push(resultGrid(k));
    return sheets;
  }

  function sumText() {
    var p = state.p, n = p.C * p.R * p.S, sum = 0;
    var samples = Convolution.patch(p, picture(), state.y, state.x);
    var terms = samples.map(function (sample, i) {
      var weight = state.weights[state.k * n + i];
      sum += weight * sample.value;
      return shown(weight) + "\u00b7" + shown(sample.value);
    });
    var bias = state.bias.length ? state.bias[state.k] : 0;
    return "output (" + state.y + ", " + state.x + ")" + (p.K > 1 ? " of kernel " + state.k : "") + " = " +
      terms.join(" + ") + (bias ? " + bias " + shown(bias) : "") + " = " + shown(sum + bias);
  }

  function renderCounts() {
    var table = document.getElementById("counts"), counts = Convolution.stored(state.p);
    table.textContent = "";
    [["definition", "the kernel"], ["im2col", "weights and columns"], ["toeplitz", "the Toeplitz matrix"],
     ["rows", "one block a kernel column"]].forEach(function (line) {
      var current = line[0] === state.form || (line[0] === "im2col" && state.form === "bank");
      table.appendChild(element("tr", current ? { "class": "current" } : {}, [
        element("th", { scope: "row" }, [line[0] + ": " + line[1]]),
        element("td", {}, [String(counts[line[0]])])
      ]));
    });
  }

  function renderTabs() {
    var tabs = document.getElementById("tabs");
    tabs.textContent = "";
    forms.forEach(function (form) {
      var tab = element("button", {
        type: "button", role: "tab", "aria-selected": form.name === state.form ? "true" : "false", "aria-controls": "view"
      }, [form.title]);
      tab.addEventListener("click", function () { state.form = form.name; render(); });
      tabs.appendChild(tab);
    });
  }

  function fillChoice(id, count, chosen) {
    var select = document.getElementById(id);
    select.textContent = "";
    for (var i = 0; i < count; ++i) {
      var option = element("option", { value: String(i) }, [String(i)]);
      if (i === chosen) option.setAttribute("selected", "");
      select.appendChild(option);
    }
    document.getElementById(id + "-choice").style.display = count > 1 ? "" : "none";
  }

  var views = {
    definition: definitionView, im2col: function () { return im2colView(true); }, toeplitz: toeplitzView,
    rows: rowsView, bank: bankView
  };

  function render() {
    var view = document.getElementById("view");
    var hadFocus = view.contains(document.activeElement) && document.activeElement.tagName === "TD";
    var form = forms.filter(function (one) { return one.name === state.form; })[0];
    renderTabs();
    view.textContent = "";
    view.appendChild(element("p", {}, [form.text]));
    view.appendChild(element("div", { "class": "sheet" }, views[state.form]()));
    view.setAttribute("aria-label", form.title);
    document.getElementById("sum").textContent = sumText();
    document.getElementById("more").style.display = state.form === "bank" ? "" : "none";
    fillChoice("picture", state.pictures.length, state.n);
    fillChoice("map", state.p.K, state.k);
    renderCounts();
    if (hadFocus) {
      var cell = view.querySelector("td.pick[tabindex]");
      if (cell) cell.focus();
    }
  }

  function pick(y, x, k) {
    if (y === state.y && x === state.x && (k === null || k === state.k)) return;
    state.y = y;
    state.x = x;
    if (k !== null) state.k = k;
    render();
  }

  function move(rows, columns) {
    var P = Convolution.height(state.p), Q = Convolution.width(state.p);
    pick(Math.min(Math.max(state.y + rows, 0), P - 1), Math.min(Math.max(state.x + columns, 0), Q - 1), null);
  }

  function step(by) {
    var Q = Convolution.width(state.p), count = Convolution.height(state.p) * Q;
    var next = (state.y * Q + state.x + by + count) % count;
    pick(Math.floor(next / Q), next % Q, null);
  }

  function play() {
    var button = document.getElementById("play");
    if (timer) window.clearInterval(timer);
    timer = timer ? 0 : window.setInterval(function () { step(1); }, 900);
    button.setAttribute("aria-pressed", timer ? "true" : "false");
    button.textContent = timer ? "Pause" : "Play";
  }

  // One more kernel of the window's size: differences along the rows, then down the columns.
  function addKernel() {
    var p = state.p;
    for (var c = 0; c < p.C; ++c) {
      for (var r = 0; r < p.R; ++r) {
        for (var s = 0; s < p.S; ++s) {
          var at = p.K % 2 ? s : r, last = (p.K % 2 ? p.S : p.R) - 1;
          state.weights.push(at === 0 ? -1 : at === last ? 1 : 0);
        }
      }
    }
    if (state.bias.length) state.bias.push(0);
    p.K += 1;
    state.k = p.K - 1;
    render();
  }

  // Whether the page's own arithmetic gives what the program computed.
  function agreement() {
    var worst = 0;
    data.pictures.forEach(function (samples, n) {
      Convolution.result(problemOf(n), samples, data.weights, data.bias).forEach(function (value, i) {
        var error = Math.abs(value - data.results[n][i]);
        worst = Math.max(worst, error / Math.max(1, Math.abs(value)));
      });
    });
    return worst <= 1e-5 ? "The page's numbers agree with those that conv-cli computed (" + data.method + ")."
      : "The page's numbers differ from those that conv-cli computed, by up to " + worst + ".";
  }

  var keys = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };
  document.addEventListener("keydown", function (event) {
    if (!keys[event.key] || event.target.tagName === "INPUT" || event.target.tagName === "SELECT") return;
    move(keys[event.key][0], keys[event.key][1]);
    event.preventDefault();
  });
  document.getElementById("play").addEventListener("click", play);
  document.getElementById("step").addEventListener("click", function () { step(1); });
  document.getElementById("back").addEventListener("click", function () { step(-1); });
  document.getElementById("more").addEventListener("click", addKernel);
  document.getElementById("reset").addEventListener("click", function () { state = fresh(); render(); });
  document.getElementById("picture").addEventListener("change", function (event) {
    state.n = Number(event.target.value);
    state.p.constants = data.constants[state.n];
    render();
  });
  document.getElementById("map").addEventListener("change", function (event) {
    state.k = Number(event.target.value);
    render();
  });
  document.getElementById("what").textContent = data.what;
  document.getElementById("agrees").textContent = agreement();
  state = fresh();
  if (forms.some(function (form) { return form.name === window.location.hash.slice(1); })) {
    state.form = window.location.hash.slice(1);
  }
  render();
})();
